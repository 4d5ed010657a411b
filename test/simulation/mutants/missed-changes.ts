import { type Mutant, mutant } from './mutant.ts';

/** Mistakes with the markers of missed changes, and with what a read does without them. */
export const mutantsOfMissedChanges: readonly Mutant[] = [
	mutant(
		'announces-before-marking',
		'The sooner the others know, the better.',
		[
			'bus/writing/replicate.ts',
			"obstacleTo('the control table', () => context.markers.open(id, missing, { openedAtMs, expiresAtMs })),",
			"obstacleTo('the control table', async () => void later.set(id, () => context.markers.open(id, missing, { openedAtMs, expiresAtMs }))),",
		],
		[
			'bus/writing/replicate.ts',
			'async function obstacleTo(',
			'export const later = new Map<string, () => Promise<void>>();\n\nasync function obstacleTo(',
		],
		[
			'bus/writing/commit.ts',
			"return outcome === 'announced' ?",
			"await later.get(change.sessionId)?.();\n\t\tlater.delete(change.sessionId);\n\t\treturn outcome === 'announced' ?",
		],
		[
			'bus/writing/commit.ts',
			"import type { Replicated } from './replicate.ts';",
			"import { later, type Replicated } from './replicate.ts';",
		],
	),
	mutant('acknowledges-unmarked', 'The feed took it, so the table is there.', [
		'bus/writing/replicate.ts',
		'		return service;',
		"		return service === 'the control table' ? undefined : service;",
	]),
	mutant('marks-who-has-it', 'The marker says where the change is.', [
		'bus/writing/replicate.ts',
		'context.markers.open(id, missing, {',
		'context.markers.open(id, context.repositories.map(({ name }) => name).filter((name) => !missing.includes(name)), {',
	]),
	mutant('keeps-an-open-mark', 'It is marked already.', [
		'control-table/memory/markers.ts',
		'			for (const name of missing) {',
		"			for (const name of missing) {\n				if (markers.get(name)?.state === 'open') continue;",
	]),
	mutant('settles-whatever-is-there', 'The session was repaired, so its marker can go.', [
		'control-table/memory/markers.ts',
		"if (marker?.version !== version) return 'conflict';",
		"if (marker === undefined || version < 0) return 'conflict';",
	]),
	mutant(
		'reads-markers-after-the-records',
		'The marker is needed at the end, so it is read there.',
		['repair/repair-session.ts', '	const open = openOnes(await markers.look(id));\n', ''],
		[
			'repair/repair-session.ts',
			'obstacleToQuarantine(corrupt, [...open, ...all], join)',
			'obstacleToQuarantine(corrupt, all, join)',
		],
		[
			'repair/repair-session.ts',
			'	await Promise.all(open.map(',
			'	const open = openOnes(await markers.look(id));\n	await Promise.all(open.map(',
		],
	),
	mutant('settles-before-merging', 'The other repositories will follow.', [
		'repair/repair-session.ts',
		'if (holders.length < repositories.length) return',
		'if (holders.length < repositories.length - 1) return',
	]),
	mutant('takes-silence-for-clean', 'The table says nothing, so nothing was missed.', [
		'bus/doubt/doubt.ts',
		"if (markers === undefined) return 'unknown';",
		"if (markers === undefined) return 'none';",
	]),
	mutant(
		'remembers-a-look',
		'We have just looked.',
		[
			'bus/doubt/looks.ts',
			'	let failures = 0;',
			'	let failures = 0;\n	const remembered = new Map<SessionId, { at: Instant; found: MarkersOfSession | undefined }>();',
		],
		[
			'bus/doubt/looks.ts',
			'		return found ?? undefined;',
			'		remembered.set(id, { at: clock.now(), found: found ?? undefined });\n		return found ?? undefined;',
		],
		[
			'bus/doubt/looks.ts',
			'		look: async (id) => {',
			'		look: async (id) => {\n			const recent = remembered.get(id);\n			if (recent !== undefined && elapsedMs(recent.at, clock.now()) < 1_000) return recent.found;',
		],
	),
	mutant('believes-alone-while-the-table-is-away', 'The repository answers, and it is consistent.', [
		'bus/reading/hedged-reads.ts',
		'(unverified && othersAreDown(name))',
		'(unverified && othersAreDown.length > 0)',
	]),
	mutant('compares-quietly', 'The decision is made; the others only follow.', [
		'bus/operations/update.ts',
		"replicate(context, sessionId, 'visible', () => decided)",
		"replicate(context, sessionId, 'quiet', () => decided)",
	]),
	mutant('shortens-the-ttl', 'Repairs are done within seconds.', [
		'bus/writing/replicate.ts',
		'const { id, absoluteExpiresAtMs: expiresAtMs } = join;',
		'const { id } = join;\n\tconst expiresAtMs = context.clock.now().wallMs + 2_000;',
	]),
	mutant('lends-in-doubt-to-all', 'An old answer is better than none.', [
		'bus/reading/read-session.ts',
		"(join === undefined || demand !== 'lenient')",
		'(join === undefined || demand === undefined)',
	]),
	mutant('leaves-stray-marks', 'Each marker has a message.', [
		'bus/reading/hedged-reads.ts',
		'void guarded.reportLeftOpen(sessionId, name);',
		'void sessionId;',
	]),
	mutant('removes-the-marker', 'The session was repaired, so it needs no marker.', [
		'control-table/memory/markers.ts',
		"sessions.get(id)?.set(missing, { ...marker, state: 'settled' });",
		'sessions.get(id)?.delete(missing);',
	]),
	mutant('takes-settled-for-clean', 'A repair has given it the change.', [
		'bus/reading/hedged-reads.ts',
		"if (isEarly && doubt === 'none' && wasRepaired)",
		"if (isEarly && doubt === 'missed' && wasRepaired)",
	]),
	mutant('decides-without-a-second-look', 'This repository has decided, in one conditional write.', [
		'bus/operations/update.ts',
		'if (!missedNothing(before, after, repository.name)) return false;',
		'void [before, after, missedNothing];',
	]),
];
