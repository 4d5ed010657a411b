import { type Mutant, mutant } from './mutant.ts';

/** Mistakes in the bus, the repositories and the repair function. */
export const mutantsBehindTheBus: readonly Mutant[] = [
	mutant('recovers-from-a-live-owner', 'The session server has checked the lease already.', [
		'bus/operations/recover.ts',
		"const sealed = standing === 'sealed';",
		"const sealed = standing !== 'unreachable';",
	]),
	mutant('takes-the-expected-owner-for-the-real-one', 'The owner that the token names is the owner.', [
		'bus/operations/recover.ts',
		'isKnown && expected !== undefined ? expected : await standingOf(context, instanceId)',
		'expected ?? (await standingOf(context, instanceId))',
	]),
	mutant('lends-for-good', 'The client has its answer.', [
		'session-server/finding/load-session.ts',
		'const adopts = isAdoptable && !load.spoiled',
		'const adopts = isAdoptable && load.spoiled',
	]),
	mutant('adopts-whoever-owns', 'The owner was sealed when we looked.', [
		'bus/operations/recover.ts',
		'current.revocation === undefined && isSame(current.owner, known.owner)',
		'current.revocation === undefined',
	]),
	mutant(
		'announces-before-writing',
		'The sooner the others know, the better.',
		[
			'bus/writing/commit.ts',
			'	const stored = await store();',
			'	const { sessionId, proofWanted, changeId } = change;\n	await context.feed.append({ id: changeId, atMs: context.clock.now().wallMs, sessionId, proofWanted }).catch(() => undefined);\n	const stored = await store();',
		],
		[
			'bus/writing/commit.ts',
			'return answerOnceAnnounced(context, answer, change);',
			'void answerOnceAnnounced;\n\treturn answer;',
		],
	),
	mutant('announces-nothing', 'The repositories know.', [
		'bus/writing/commit.ts',
		'return answerOnceAnnounced(context, answer, change);',
		'void answerOnceAnnounced;\n\treturn answer;',
	]),
	mutant('announces-a-tombstone-once', 'Another logout has ended it, and has announced that.', [
		'bus/operations/revoke.ts',
		'stored.revocation !== undefined;',
		'stored.revocation?.atMs === revocation.atMs;',
	]),
	mutant('takes-no-proof', 'Nobody can guess the id of a session.', [
		'bus/reading/proof.ts',
		'const isCurrent = isSame(credential.secretHash, secretHash);',
		'const isCurrent = isSame(secretHash, secretHash);',
	]),
	mutant('touches-without-proof', 'A report of use does no harm.', [
		'bus/operations/touch.ts',
		'{ isProven: provenByToken(context, message) }',
		'{}',
	]),
	mutant('hides-what-it-did', 'The answer tells the sender nothing.', [
		'bus/writing/replicate.ts',
		'(stored === undefined || isProven(stored) ? propose(stored) : undefined)',
		'propose(stored)',
	]),
	mutant('ends-sessions-of-others', 'The asker has shown its own token.', [
		'bus/operations/revoke.ts',
		'isProven = (stored) => stored.subject === subject;',
		'isProven = (stored) => stored.subject.length * subject.length > 0;',
	]),
	mutant('acknowledges-without-repair', 'One repository has it, the other will see.', [
		'bus/writing/replicate.ts',
		'		ensureRepair(context, join, kind, missing),',
		'		[ensureRepair, kind].length === 0 ? "" : undefined,',
	]),
	mutant('forgets-the-join', 'Both were written, so both have it.', [
		'repositories/spread.ts',
		'if (due.length === 0) break;',
		'if (due.length >= 0) break;',
	]),
	mutant('believes-every-repository', 'DynamoDB answered, and DynamoDB is consistent.', [
		'bus/reading/hedged-reads.ts',
		"const trusted = doubt === 'none' ||",
		'const trusted = doubt !== undefined ||',
	]),
	mutant(
		'times-reads-by-the-wall-clock',
		'It took as long as the clock says.',
		['bus/reading/hedged-reads.ts', 'import { ranMs }', 'import { elapsedMs, ranMs }'],
		[
			'bus/reading/hedged-reads.ts',
			'const sinceBegunMs = () => ranMs(begunAt, clock.now());',
			'const sinceBegunMs = () => elapsedMs(begunAt, clock.now());',
		],
	),
	mutant('believes-a-restored-repository', 'The table has its name again, so it is the table.', [
		'bus/doubt/set-backs.ts',
		'if (aheadBy >= 0) {',
		'if (aheadBy <= 1) {',
	]),
	mutant('counts-before-marking', 'The sweep is on its way, so the tally may count again.', [
		'bus/doubt/set-backs.ts',
		'await markers.open(everySession, [own.name],',
		'await countOn(own, tally, copy);\n\t\tif (copy < 0) await markers.open(everySession, [own.name],',
	]),
	mutant('ends-a-sweep-early', 'The first page was repaired.', [
		'repair/sweep.ts',
		'const left = await repairEach(ports, page.ids);',
		'const left = await repairEach(ports, page.ids.slice(page.ids.length));',
	]),
	mutant('takes-an-error-for-absent', 'A repository without an answer does not have the session.', [
		'bus/reading/read-session.ts',
		"if (doubtful && (join === undefined || demand !== 'lenient')) {",
		"if (doubtful && join !== undefined && demand !== 'lenient') {",
	]),
	mutant('takes-an-open-circuit-for-absent', 'A repository that was not asked cannot have failed.', [
		'bus/reading/read-session.ts',
		"['unavailable', 'corrupt', 'unknown-schema', 'circuit-open']",
		"['unavailable', 'corrupt', 'unknown-schema']",
	]),
	mutant('acknowledges-past-an-open-circuit', 'A repository that was not asked has missed nothing.', [
		'bus/writing/replicate.ts',
		'filter((repository) => !holders.includes(repository)).',
		"filter((repository) => !holders.includes(repository) && !attempts.some((attempt) => attempt.repository === repository && attempt.merged.kind === 'failed' && attempt.merged.reason === 'circuit-open')).",
	]),
	mutant('takes-the-first-answer', 'The fastest repository is the best one.', [
		'bus/reading/read-session.ts',
		'answer.trusted && !seemsIdle(answer, decidedByMs)',
		"answer.loaded.kind !== 'failed' || seemsIdle(answer, decidedByMs)",
	]),
	mutant('touches-with-its-own-time', 'Now is when it was used.', [
		'bus/writing/carried-activity.ts',
		'Math.min(seenAtMs, context.clock.now().wallMs + context.timing.skewMs)',
		'Math.max(seenAtMs, context.clock.now().wallMs + 0 * context.timing.skewMs)',
	]),
	mutant('overwrites-records', 'The last write wins.', [
		'repositories/placement.ts',
		'const join = stored === undefined ? proposed : merge(stored, proposed);',
		'const join = proposed;',
	]),
	mutant('acknowledges-a-lost-change', 'The repositories have stored something.', [
		'bus/operations/update.ts',
		'isDone(session, message),\n\t);',
		'isDone(session, message) || stamp !== undefined,\n\t);',
	]),
	mutant(
		'stamps-at-the-bus',
		'The clock of the bus is better than the clock of a session server.',
		[
			'bus/operations/update.ts',
			'const changed = withAttributes(withCarried(context, stored, message), changes, stamp);',
			"const restamped = isDone(stored, message) ? stamp : nextStamp(context.clock.now().wallMs, 'bus', Object.keys(changes).flatMap((name) => stored.attributes[name]?.stamp ?? []));\n\t\townStamps.add(restamped);\n\t\tconst changed = withAttributes(stored, changes, restamped);",
		],
		[
			'bus/operations/update.ts',
			'const { sessionId, changes, stamp, ifVersion } = message;',
			'const { sessionId, changes, stamp, ifVersion } = message;\n\tconst ownStamps = new Set<string>();',
		],
		[
			'bus/operations/update.ts',
			'isDone(session, message),\n\t);',
			'Object.keys(changes).every((name) => ownStamps.has(String(session.attributes[name]?.stamp))),\n\t);',
		],
		[
			'bus/operations/update.ts',
			"import { merge } from '../../session/merge.ts';",
			"import { merge } from '../../session/merge.ts';\nimport { nextStamp } from '../../session/stamp.ts';",
		],
	),
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
		['bus/reading/hedged-reads.ts', 'if (!isWhole(loaded.session)) {', 'if (isWhole.length === 0) {'],
		[
			'bus/reading/read-session.ts',
			"if (part === 'head' || isWhole(loaded.session)) chosen ??= name;",
			'if (isWhole.length === 1) chosen ??= name;',
		],
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
		'bus/operations/create.ts',
		'return entry.ending === undefined ? answer : end(context, message, entry.ending);',
		'return entry.ending !== null ? answer : end(context, message, entry.ending);',
	]),
	mutant('acknowledges-past-a-failed-look', 'The entry was made, and the index is down now.', [
		'bus/operations/create.ts',
		"if (index.kind === 'failed') return unavailable(",
		"if (index.kind === 'failed') return queueEntry(context, answer);\n\tif (entered.kind === 'denied') return unavailable(",
	]),
	mutant('lets-a-login-with-an-entry-do-without', 'The index is down, so it can have no entry.', [
		'bus/operations/create.ts',
		'const entered = message.withoutIndex ? withoutEntry : await enter(context, message);',
		"const tried = message.withoutIndex ? withoutEntry : await enter(context, message);\n\tconst entered = tried.kind === 'index-unavailable' ? withoutEntry : tried;",
	]),
	mutant('lets-two-repositories-decide', 'Some repository has decided, in one conditional write.', [
		'bus/operations/update.ts',
		'if (isOnly) return replicated;',
		'if (isOnly || decision !== undefined) return replicated;',
	]),
	mutant('trusts-a-repeated-change', 'The change is there, so the first try has made it.', [
		'bus/operations/update.ts',
		'if (hasRival && (passedOver || isRepeated)) return false;',
		'if (hasRival && isRepeated) return true;',
	]),
	mutant('takes-marked-for-ended', 'The mark says it all; the next reader will end the session.', [
		'bus/operations/revoke-subject.ts',
		'const toEnd = [...changed.outcome.toEnd].sort(byAge);',
		'const toEnd = [...changed.outcome.toEnd].sort(byAge).slice(0, 0);',
	]),
	mutant(
		'checks-then-acts',
		'There was room when the login came.',
		[
			'bus/subjects/enter.ts',
			'const changed = await subjects.change(session.subject, (entries, used) => {',
			"const before = await subjects.read(session.subject);\n\t\tconst changed = await subjects.change(session.subject, (current, used) => {\n\t\t\tconst entries = before.kind === 'read' ? before.entries : current;",
		],
		[
			'bus/subjects/enter.ts',
			'return { outcome, entries: admission.entries, used:',
			'return { outcome, entries: [...admission.entries, ...current.filter(({ id }) => !admission.entries.some((entry) => entry.id === id))], used:',
		],
	),
	mutant('accepts-a-used-id-token', 'The issuer signed it, and it has not expired.', [
		'bus/subjects/enter.ts',
		'const isUsed = token !== undefined && isUsedByAnother(used, token, idToken?.retryOf);',
		'const isUsed = token !== undefined && isUsedByAnother([], token, idToken?.retryOf);',
	]),
	mutant('forgets-used-id-tokens', 'They belong to the sessions, whose entries are all there is.', [
		'repositories/optimistic-change.ts',
		'const { outcome, entries, used = stored.used } = decide(stored.entries, stored.used);',
		'const { outcome, entries, used = [] } = decide(stored.entries, stored.used);',
	]),
	mutant('ends-none-for-the-quota', 'The entries are marked, and the login is waiting.', [
		'bus/subjects/enter.ts',
		'const ended = await endSessions(context, session.subject, admission.ending, session.id);',
		'const ended = await endSessions(context, session.subject, admission.ending.slice(0, 0), session.id);',
	]),
	mutant('repairs-no-entry', 'The records are equal, so there is nothing left to do.', [
		'repositories/ensure-entry.ts',
		"if (session.revocation !== undefined || nowMs >= session.absoluteExpiresAtMs) return 'repaired';",
		"if (nowMs >= 0) return 'repaired';",
	]),
	mutant('ends-who-came-later', 'All means all.', [
		'bus/operations/revoke-subject.ts',
		'entry.createdAtMs <= untilMs',
		'entry.createdAtMs <= untilMs + 60_000',
	]),
];
