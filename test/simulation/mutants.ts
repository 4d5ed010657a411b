/** A realistic mistake, planted by changing the source as it is loaded: the production code has no branch for it. */
export interface Mutant {
	/** What the mistake is, as a name for the command line. */
	readonly name: string;
	/** What someone could have been thinking. */
	readonly thought: string;
	readonly patches: readonly Patch[];
}

/** `find` must stand in the file exactly once. */
interface Patch {
	/** Below `functions/`. */
	readonly file: string;
	readonly find: string;
	readonly replace: string;
}

const mutant = (name: string, thought: string, ...patches: readonly (readonly [string, string, string])[]): Mutant => ({
	name,
	thought,
	patches: patches.map(([file, find, replace]) => ({ file, find, replace })),
});

export const mutants: readonly Mutant[] = [
	mutant('renews-a-sealed-lease', 'The holder is obviously alive, so its lease may go on.', [
		'leases/memory-lease-table.ts',
		"if (lease === undefined || lease.sealed) return 'lost';",
		"if (lease === undefined) return 'lost';",
	]),
	mutant('seals-a-renewed-lease', 'It had expired when we looked.', [
		'leases/memory-lease-table.ts',
		"if (lease.expiresAtMs !== seenExpiresAtMs) return 'renewed';",
		'',
	]),
	mutant(
		'adopts-without-a-seal',
		'An expired lease is as good as a sealed one.',
		[
			'session-server/owners.ts',
			"if ((await context.leases.seal(owner, lease.expiresAtMs)) === 'sealed') return",
			'return',
		],
		[
			'bus/recover.ts',
			"return (await context.leases.seal(instanceId, lease.expiresAtMs)) === 'sealed' ? 'sealed' : 'alive';",
			"return 'sealed';",
		],
	),
	mutant('recovers-from-a-live-owner', 'The session server has checked the lease already.', [
		'bus/recover.ts',
		"if (standing !== 'sealed') return lent;",
		'',
	]),
	mutant('adopts-whoever-owns', 'The owner was sealed when we looked, whoever it is by now.', [
		'bus/recover.ts',
		'current.revocation === undefined && isSame(current.owner, known.owner)',
		'current.revocation === undefined',
	]),
	mutant('shares-epochs', 'The next epoch is one more.', [
		'session/changes.ts',
		'const epoch = next + ((((remainder - next) % deciders) + deciders) % deciders);',
		'const epoch = next + 0 * (remainder + deciders);',
	]),
	mutant('ignores-skew', 'An expired lease is an expired lease.', [
		'leases/lease.ts',
		'lease.expiresAtMs + skewMs < nowMs',
		'lease.expiresAtMs + 0 * skewMs < nowMs',
	]),
	mutant('trusts-the-wall-clock', 'Both clocks tell the same time.', [
		'system/clock.ts',
		'Math.max(wallMs, to.monotonicMs - from.monotonicMs)',
		'wallMs',
	]),
	mutant('trusts-the-monotonic-clock', 'Only the monotonic clock measures intervals.', [
		'system/clock.ts',
		'wallMs < 0 ? Number.POSITIVE_INFINITY : Math.max(wallMs, to.monotonicMs - from.monotonicMs)',
		'to.monotonicMs - from.monotonicMs',
	]),
	mutant('dates-a-sync-by-its-end', 'The sync is done now.', [
		'session-server/synchronizer.ts',
		'if (synced) settle(begun);',
		'if (synced) settle({ ...begun, at: clock.now() });',
	]),
	mutant('strict-is-bounded', 'Two seconds are fresh enough for anyone.', [
		'session-server/synchronizer.ts',
		'lastSync.sequence > visit.sequence && elapsedMs',
		'elapsedMs',
	]),
	mutant('reads-without-overlap', 'The cursor says where to go on.', [
		'session-server/synchronizer.ts',
		'since.at.wallMs - feedOverlapMs(timing)',
		'since.at.wallMs',
	]),
	mutant('keeps-copies-over-a-gap', 'What was not read did not happen.', [
		'session-server/synchronizer.ts',
		'		copies.dropAll();\n		return undefined;\n	}',
		'		return undefined;\n	}',
	]),
	mutant('keeps-copies-over-a-new-life', 'The sessions are the same.', [
		'session-server/synchronizer.ts',
		'		copies.dropAll();\n		lastSync = undefined;',
		'		lastSync = undefined;',
	]),
	mutant('acknowledges-before-reading', 'The sync will be done in a moment.', [
		'session-server/synchronizer.ts',
		'lastSync?.at.wallMs ?? 0',
		'now.wallMs',
	]),
	mutant('inserts-a-late-copy', 'The bus has just said so.', [
		'session-server/copies.ts',
		'if (load.spoiled) return false;',
		'',
	]),
	mutant('knows-entries-by-session', 'One entry for each session will do.', [
		'session-server/recent-entries.ts',
		'if (atMsById.has(entry.id)) return false;',
		'if (atMsById.has(entry.sessionId)) return false;\n\t\t\tatMsById.set(entry.sessionId, entry.atMs);',
	]),
	mutant('believes-an-old-answer', 'An answer is an answer.', [
		'session-server/find-session.ts',
		'if (elapsedMs(loaded.begunAt, now) > timing.maxStalenessMs || loaded.isSpoiled()) continue;',
		'',
	]),
	mutant('remembers-a-live-lease-too-long', 'It was alive a moment ago.', [
		'session-server/owners.ts',
		'if (now.wallMs >= seen.expiresAtMs || elapsedMs(seen.seenAt, now) >= context.timing.leaseDurationMs)',
		'if (elapsedMs(seen.seenAt, now) >= 3 * context.timing.leaseDurationMs)',
	]),
	mutant('takes-unavailable-for-logged-out', 'The client wants to be out, so it is out.', [
		'session-server/change-session.ts',
		"if (answer.kind !== 'revoked')\n",
		"if (answer.kind === 'unavailable') return { kind: 'ended', complete: false, evidence };\n\t\tif (answer.kind !== 'revoked')\n",
	]),
	mutant('owns-without-a-lease', 'It will have its lease soon.', [
		'session-server/login.ts',
		'return synchronizer.holdsLease(context.clock.now())\n',
		'return synchronizer.instanceId() !== undefined\n',
	]),
	mutant(
		'announces-before-writing',
		'The sooner the others know, the better.',
		[
			'bus/revoke.ts',
			'	const replicated',
			'	await context.feed.append({ id: change.changeId, atMs: context.clock.now().wallMs, sessionId: change.sessionId, acknowledge: change.acknowledge }).catch(() => undefined);\n	const replicated',
		],
		['bus/revoke.ts', 'return announced(context, answer, change);', 'void announced;\n\treturn answer;'],
	),
	mutant('announces-nothing', 'The repositories know.', [
		'bus/revoke.ts',
		'return announced(context, answer, change);',
		'void announced;\n\treturn answer;',
	]),
	mutant('announces-late', 'It is in the feed, however long it took.', [
		'leases/announce.ts',
		"if (elapsedMs(begun, clock.now()) <= timing.feedAppendMs) return 'announced';",
		"if (elapsedMs(begun, clock.now()) >= 0 * timing.feedAppendMs) return 'announced';",
	]),
	mutant('acknowledges-without-repair', 'One repository has it, the other will see.', [
		'bus/replicate.ts',
		'const obstacle = await ensureRepair(context, sessionId, kind, missing, holders);',
		'const obstacle = [ensureRepair, kind, holders].length === 0 ? "" : undefined;',
	]),
	mutant('forgets-the-join', 'Both were written, so both have it.', [
		'repositories/spread.ts',
		'if (due.length === 0) break;',
		'if (due.length >= 0) break;',
	]),
	mutant('believes-every-repository', 'DynamoDB answered, and DynamoDB is consistent.', [
		'bus/reads.ts',
		"const believed = (inTime && look.doubt === 'none') ||",
		'const believed = inTime ||',
	]),
	mutant('doubts-without-waiting', 'The note is written, so everyone knows.', [
		'bus/notes.ts',
		'if (leftMs > 0) await clock.delay(leftMs);',
		'',
	]),
	mutant('trusts-a-remembered-note', 'The note was there a moment ago, and that was waited for.', [
		'bus/notes.ts',
		'const note = await openNote(holder.ledger, missing);',
		"const note = known.get(holder.name + ' ' + missing) ?? (await openNote(holder.ledger, missing));",
	]),
	mutant(
		'withdraws-without-listing',
		'This session was repaired, so nothing is missing.',
		['repair/withdraw-note.ts', "if (before.id !== undefined) return { kind: 'needed', marked: before.id };", ''],
		['repair/withdraw-note.ts', 'if (left.id !== undefined) {', 'if (left.id !== undefined && before.id === null) {'],
	),
	mutant('deletes-a-renewed-marker', 'The session was repaired, so it needs no marker.', [
		'repositories/memory-ledger.ts',
		"if (markers.get(missing)?.get(id) !== version) return { kind: 'conflict' };",
		'void version;',
	]),
	mutant('takes-an-error-for-absent', 'Who does not have it does not know it.', [
		'bus/load.ts',
		"if (doubtful && (join === undefined || demand !== 'lenient')) {",
		"if (doubtful && join !== undefined && demand !== 'lenient') {",
	]),
	mutant('takes-an-open-circuit-for-absent', 'Who was not asked cannot have failed.', [
		'bus/load.ts',
		"['unavailable', 'corrupt', 'unknown-schema', 'circuit-open']",
		"['unavailable', 'corrupt', 'unknown-schema']",
	]),
	mutant('acknowledges-past-an-open-circuit', 'What was not asked has missed nothing.', [
		'bus/replicate.ts',
		'filter((repository) => !holders.includes(repository)).',
		"filter((repository) => !holders.includes(repository) && !attempts.some((attempt) => attempt.repository === repository && attempt.merged.kind === 'failed' && attempt.merged.reason === 'circuit-open')).",
	]),
	mutant('takes-the-first-answer', 'The fastest repository is the best one.', [
		'bus/load.ts',
		'(answer) => answer.believed && !seemsIdle(answer, nowMs)',
		"(answer) => answer.loaded.kind !== 'failed' || seemsIdle(answer, nowMs)",
	]),
	mutant('touches-with-its-own-time', 'Now is when it was used.', [
		'bus/touch.ts',
		'Math.min(message.seenAtMs, wallMs + context.timing.skewMs)',
		'Math.max(message.seenAtMs, wallMs + 0 * context.timing.skewMs)',
	]),
	mutant('overwrites-records', 'The last write wins.', [
		'repositories/placement.ts',
		'const join = stored === undefined ? proposed : merge(stored, proposed);',
		'const join = proposed;',
	]),
	mutant('drops-a-tombstone', 'The newer record has no revocation.', [
		'session/merge.ts',
		'if (a === undefined || b === undefined) return a ?? b;',
		'if (a === undefined || b === undefined) return b;',
	]),
	mutant('acknowledges-a-lost-change', 'The repositories have stored something.', [
		'bus/update.ts',
		'if (!isDone(answer.session, message)) return',
		'if (!isDone(answer.session, message) && stamp === undefined) return',
	]),
	mutant(
		'stamps-at-the-bus',
		'The clock of the bus is better than that of whoever asks.',
		[
			'bus/update.ts',
			'const changed = withAttributes(stored, changes, stamp);',
			"const restamped = isDone(stored, message) ? stamp : nextStamp(context.clock.now().wallMs, 'bus', Object.keys(changes).flatMap((name) => stored.attributes[name]?.stamp ?? []));\n\t\townStamps.add(restamped);\n\t\tconst changed = withAttributes(stored, changes, restamped);",
		],
		[
			'bus/update.ts',
			'const { sessionId, changes, stamp, ifVersion } = message;',
			'const { sessionId, changes, stamp, ifVersion } = message;\n\tconst ownStamps = new Set<string>();',
		],
		[
			'bus/update.ts',
			'if (!isDone(answer.session, message)) return',
			'if (!Object.keys(changes).every((name) => ownStamps.has(String(answer.session.attributes[name]?.stamp)))) return',
		],
		[
			'bus/update.ts',
			"import { merge } from '../session/merge.ts';",
			"import { merge } from '../session/merge.ts';\nimport { nextStamp } from '../session/stamp.ts';",
		],
	),
	mutant('lengthens-at-failover', 'A recovered session starts afresh.', [
		'session/changes.ts',
		'return Object.freeze({ ...session, owner: Object.freeze({ epoch, instanceId }) });',
		'return Object.freeze({ ...session, lastSeenAtMs: session.lastSeenAtMs + 1_000, owner: Object.freeze({ epoch, instanceId }) });',
	]),
	mutant('leaves-a-stub-first', 'The others are being written as well.', [
		'repositories/placement.ts',
		"if (!holdsAttributesOf(heldElsewhere, join)) return { kind: 'too-large', session: join };",
		'void [holdsAttributesOf, heldElsewhere];',
	]),
	mutant('completes-a-stub', 'A stub and a whole record make a whole record.', [
		'repositories/placement.ts',
		'const isStub = stored !== undefined && !isWhole(stored);',
		'const isStub = stored === undefined && !isWhole(proposed);',
	]),
	mutant(
		'believes-a-stub',
		'DynamoDB has it.',
		['bus/reads.ts', 'if (!isWhole(loaded.session)) {', 'if (isWhole.length === 0) {'],
		['bus/load.ts', 'if (isWhole(loaded.session)) chosen ??= name;', 'if (isWhole.length === 1) chosen ??= name;'],
	),
	mutant(
		'acknowledges-what-did-not-fit',
		'DynamoDB has answered with the join.',
		[
			'repositories/spread.ts',
			"if (outcome?.kind !== 'stored') return false;",
			"if (outcome === undefined || outcome.kind === 'failed') return false;",
		],
		[
			'repositories/spread.ts',
			"return outcome?.kind === 'stored' && outcome.session !== undefined && isWhole(outcome.session);",
			"return outcome?.kind !== 'failed' && outcome?.session !== undefined && isWhole(outcome.session);",
		],
	),
	mutant('acknowledges-without-a-second-look', 'The entry was made, and then the session.', [
		'bus/create.ts',
		'return entry.ending === undefined ? answer : end(context, message, entry.ending);',
		'return entry.ending === undefined || end.length > 0 ? answer : answer;',
	]),
	mutant('takes-marked-for-ended', 'The mark says it all; whoever comes next will end the session.', [
		'bus/revoke-subject.ts',
		'const ending = [...marked.outcome].sort(byAge);',
		'const ending = [...marked.outcome].sort(byAge).slice(0, 0);',
	]),
	mutant(
		'checks-then-acts',
		'There was room when the login came.',
		[
			'bus/enter.ts',
			'const changed = await subjects.change(session.subject, (entries) => {',
			"const before = await subjects.read(session.subject);\n\t\tconst changed = await subjects.change(session.subject, (current) => {\n\t\t\tconst entries = before.kind === 'read' ? before.entries : current;",
		],
		[
			'bus/enter.ts',
			"return admission.kind === 'admitted' ? { outcome, entries: admission.entries } : { outcome };",
			"return admission.kind === 'admitted' ? { outcome, entries: [...admission.entries, ...current.filter(({ id }) => !admission.entries.some((entry) => entry.id === id))] } : { outcome };",
		],
	),
	mutant('ends-none-for-the-quota', 'The entries are marked, and the login is waiting.', [
		'bus/enter.ts',
		'const ended = await endMarked(context, session.subject, admission.ending, session.id);',
		'const ended = await endMarked(context, session.subject, admission.ending.slice(0, 0), session.id);',
	]),
	mutant('repairs-no-entry', 'The records are equal, so there is nothing left to do.', [
		'repair/ensure-entry.ts',
		"if (session.revocation !== undefined || nowMs >= session.absoluteExpiresAtMs) return 'repaired';",
		"if (nowMs >= 0) return 'repaired';",
	]),
	mutant('ends-who-came-later', 'All means all.', [
		'bus/revoke-subject.ts',
		'entry.createdAtMs <= untilMs',
		'entry.createdAtMs <= untilMs + 60_000',
	]),
];
