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
	mutant('compares-quietly', 'The decision is made; the others only follow.', [
		'bus/operations/update.ts',
		"replicate(context, sessionId, 'visible', () => decided)",
		"replicate(context, sessionId, 'quiet', () => decided)",
	]),
	mutant('shortens-the-ttl', 'Repairs are done within seconds.', [
		'bus/writing/replicate.ts',
		'const { id, absoluteExpiresAtMs: expiresAtMs } = join;',
		'const { id } = join;\n\tconst expiresAtMs = context.clock.now().wallMs - 18_000;',
	]),
	mutant('acknowledges-unmarked', 'The feed has the change, so the control table is well.', [
		'bus/writing/replicate.ts',
		'context.markers.open(id, missing, { openedAtMs, expiresAtMs })),',
		'context.markers.open(id, missing, { openedAtMs, expiresAtMs }).catch(() => undefined)),',
	]),
	mutant('settles-before-merging', 'The repair is as good as done.', [
		'repair/repair-session.ts',
		'	if (join !== undefined) {\n		const known = join;',
		'	await Promise.all(open.map(({ missing, version }) => markers.settle(id, missing, version)));\n	if (join !== undefined) {\n		const known = join;',
	]),
	mutant('removes-the-marker', 'A settled marker is of no use.', [
		'control-table/memory/markers.ts',
		"sessions.get(id)?.set(missing, { ...marker, state: 'settled' });",
		'sessions.get(id)?.delete(missing);',
	]),
	mutant('takes-settled-for-clean', 'The session was repaired.', [
		'bus/reading/hedged-reads.ts',
		'if (mayPrecede && doubt === ',
		'if (mayPrecede && !wasRepaired && doubt === ',
	]),
	mutant('takes-silence-for-clean', 'If there were a marker, somebody would say so.', [
		'bus/doubt/doubt.ts',
		"if (markers === undefined) return 'unknown';",
		"if (markers === undefined) return 'none';",
	]),
	mutant('believes-alone-while-the-table-is-away', 'Most sessions have missed nothing.', [
		'bus/reading/hedged-reads.ts',
		"const trusted = doubt === 'none' || (unverified && isAlone);",
		"const trusted = doubt === 'none' || (unverified && isAlone !== undefined);",
	]),
	mutant('lends-in-doubt-to-all', 'An old answer is better than none.', [
		'bus/reading/read-session.ts',
		"if (doubtful && (join === undefined || demand !== 'lenient')) {",
		'if (doubtful && join === undefined) {',
	]),
];
