import { type Mutant, mutant } from './mutant.ts';

/** Mistakes in session servers, leases, the feed and the session itself. */
export const mutantsBeforeTheBus: readonly Mutant[] = [
	mutant('renews-a-sealed-lease', 'The holder is obviously alive, so its lease may continue.', [
		'control-table/memory/lease-table.ts',
		"if (lease === undefined || lease.sealed) return 'lost';",
		"if (lease === undefined) return 'lost';",
	]),
	mutant('seals-a-renewed-lease', 'It had expired when we looked.', [
		'control-table/memory/lease-table.ts',
		"if (lease.expiresAtMs !== seenExpiresAtMs) return 'renewed';",
		'',
	]),
	mutant('adopts-without-a-seal', 'An expired lease is as good as a sealed one.', [
		'control-table/seal-if-expired.ts',
		'const outcome = await leases.seal(instanceId, lease.expiresAtMs);',
		"const outcome: string = 'sealed';",
	]),
	mutant('shares-epochs', 'The next epoch is one more.', [
		'session/changes.ts',
		'const epoch = next + ((((remainder - next) % deciders) + deciders) % deciders);',
		'const epoch = next + 0 * (remainder + deciders);',
	]),
	mutant('ignores-skew', 'An expired lease is an expired lease.', [
		'control-table/lease.ts',
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
		'session-server/memory/synchronizer.ts',
		'settle(synced.begun, synced.read);',
		'settle({ ...synced.begun, at: clock.now() }, synced.read);',
	]),
	mutant('strict-is-bounded', 'Two seconds are fresh enough for anyone.', [
		'session-server/memory/synchronizer.ts',
		'lastSync.sequence > request.sequence && elapsedMs',
		'elapsedMs',
	]),
	mutant(
		'reads-without-overlap',
		'The cursor says where to continue.',
		['session-server/memory/feed-reader.ts', 'since.at.wallMs - feedOverlapMs(timing)', 'since.at.wallMs'],
		[
			'session-server/memory/feed-reader.ts',
			'fromMs <= last.at.wallMs - feedOverlapMs(timing)',
			'fromMs <= last.at.wallMs',
		],
	),
	mutant('keeps-copies-over-a-gap', 'Changes that were not read did not happen.', [
		'session-server/memory/feed-reader.ts',
		'		copies.dropAll();\n		ends.restartAt(Number.POSITIVE_INFINITY);',
		'		ends.restartAt(Number.POSITIVE_INFINITY);',
	]),
	mutant('keeps-copies-without-reading-back', 'The sync has read the feed already.', [
		'session-server/memory/synchronizer.ts',
		'counts ? { begun, read } : await readAgain(feed)',
		'counts ? { begun, read } : { begun, read: { fromMs: 0 } }',
	]),
	mutant('reads-back-a-little', 'The new life begins here.', [
		'session-server/memory/synchronizer.ts',
		'await reading.read(feed, begun.at);',
		'await reading.read({ ...feed, read: (_, toMs) => feed.read(begun.at.wallMs, toMs) }, begun.at);',
	]),
	mutant('acknowledges-before-reading', 'The sync will be done in a moment.', [
		'session-server/memory/synchronizer.ts',
		'lastSync?.at.wallMs ?? 0',
		'now.wallMs',
	]),
	mutant('inserts-a-late-copy', 'The bus has just said so.', [
		'session-server/memory/copies.ts',
		'for (const load of loads) if (load.sessionId === sessionId) load.spoiled = true;',
		'',
	]),
	mutant('keeps-a-change-that-was-overtaken', 'Its author knows the change best.', [
		'session-server/memory/copies.ts',
		'drop(load.sessionId);\n			return insert(load, session);',
		'drop(load.sessionId);\n			return insert({ ...load, spoiled: false }, session);',
	]),
	mutant('takes-every-announcement-for-its-own', 'The instance has just made a change, so that is what it reads.', [
		'session-server/memory/copies.ts',
		'ownChanges.some((change) => announces(entryId, change, sessionId))',
		'ownChanges.length > 0',
	]),
	mutant('keeps-earlier-loads-beside-its-change', 'The copy is the newest there is.', [
		'session-server/memory/copies.ts',
		'drop(load.sessionId);\n			return insert(load, session);',
		'return insert(load, session);',
	]),
	mutant('keeps-a-load-from-before-the-lease', 'The instance is in sync when the answer comes.', [
		'session-server/finding/load-session.ts',
		'const mayKeep = synchronizer.learnsOfChanges();',
		'const mayKeep = true;',
	]),
	mutant('joins-a-load-without-a-lease', 'The instance holds its lease, so it may share.', [
		'session-server/finding/load-session.ts',
		"demand !== 'strict' && flight.learnsOfChanges && holdsLease()",
		"demand !== 'strict' && holdsLease()",
	]),
	mutant(
		'gives-a-revoked-session-a-token',
		'The bus has answered, so the token is genuine.',
		[
			'session-server/finding/find-session.ts',
			'if (isOver) {\n\t\t\t\tcopies.drop(session.id);\n\t\t\t\tends.add(session.id, now.wallMs);\n\t\t\t} else copies.accept',
			'copies.accept',
		],
		// The memory of refusals would hide the mistake as long as it has room.
		[
			'session-server/finding/find-session.ts',
			"if (life === 'revoked' || life === 'expired-absolute')",
			"if (life === 'expired-absolute')",
		],
	),
	mutant('knows-entries-by-session', 'One entry for each session will do.', [
		'session-server/memory/recent-entries.ts',
		'if (atMsById.has(entry.id)) return false;',
		'if (atMsById.has(entry.sessionId)) return false;\n\t\t\tatMsById.set(entry.sessionId, entry.atMs);',
	]),
	mutant('believes-an-old-answer', 'An answer is an answer.', [
		'session-server/finding/find-session.ts',
		'if (!isOver && (elapsedMs(begunAt, now) > timing.maxStalenessMs || isSpoiled())) continue;',
		'',
	]),
	mutant('remembers-a-live-lease-too-long', 'It was alive a moment ago.', [
		'session-server/finding/owners.ts',
		'if (now.wallMs >= seen.expiresAtMs || elapsedMs(seen.seenAt, now) >= context.timing.leaseDurationMs)',
		'if (elapsedMs(seen.seenAt, now) >= 3 * context.timing.leaseDurationMs)',
	]),
	mutant('takes-unavailable-for-logged-out', 'The client wants to be out, so it is out.', [
		'session-server/operations/logout.ts',
		"if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };",
		"if (answer.kind === 'unavailable') return { kind: 'ended', complete: false, evidence: found.evidence };",
	]),
	mutant('takes-a-tombstone-for-an-acknowledgement', 'It has ended, so another request has announced it.', [
		'session-server/operations/logout.ts',
		'let endedAtMs = found.session.revocation?.atMs;\n',
		'let endedAtMs = found.session.revocation?.atMs;\n\t\tif (proofWanted && mayBeWaitedFor(endedAtMs, begunAt)) return endedBefore(token);\n',
	]),
	mutant('owns-without-a-lease', 'It will have its lease soon.', [
		'session-server/operations/login.ts',
		'return synchronizer.holdsLease(clock.now())\n',
		'return synchronizer.instanceId() !== undefined\n',
	]),
	mutant('announces-late', 'It is in the feed, however long it took.', [
		'bus/writing/commit.ts',
		"if (elapsedMs(begun, clock.now()) <= timing.feedAppendMs) return 'announced';",
		"if (elapsedMs(begun, clock.now()) >= 0 * timing.feedAppendMs) return 'announced';",
	]),
	mutant('drops-a-tombstone', 'The newer record has no revocation.', [
		'session/merge.ts',
		'if (a === undefined || b === undefined) return a ?? b;',
		'if (a === undefined || b === undefined) return b;',
	]),
	mutant('forgets-activity-with-its-copy', 'The bus knows best when the session was used.', [
		'session-server/finding/load-session.ts',
		'const carried = uses.carried(sessionId);',
		'uses.ended(sessionId);\n\t\tconst carried = uses.carried(sessionId);',
	]),
	mutant('reports-use-in-one-jump', 'The last use covers those before it.', [
		'session-server/memory/activity.ts',
		'return laterMs[0] ?? reportedMs;',
		'return laterMs.at(-1) ?? reportedMs;',
	]),
	mutant('shows-what-the-bus-said', 'The answer has just come, so it is the latest.', [
		'session-server/finding/load-session.ts',
		'const known = withActivity(uses.join(session), Math.max(keptMs, load.seenAtMs));',
		'const known = withActivity(session, Math.max(0 * keptMs, 0 * load.seenAtMs));',
	]),
	mutant('never-reports-activity', 'It travels with the next message anyway.', [
		'session-server/memory/activity.ts',
		'isDue(use, session, atMs, carrying?.text) ? session.id : findOverdue();',
		'isDue(use, session, atMs, carrying?.text) ? undefined : findOverdue();',
	]),
	mutant('a-change-is-no-use', 'A change is a change.', [
		'session-server/operations/update.ts',
		'		uses.add(found, wallMs);',
		'',
	]),
	mutant('allows-nobody', 'Refusing is always safe.', [
		'access/decision.ts',
		'return refusal === undefined ? allowed : { allowed: false, refusal };',
		"return { allowed: false, refusal: refusal ?? 'service_forbidden' };",
	]),
	mutant('never-seals', 'The holder may only be slow.', [
		'control-table/seal-if-expired.ts',
		'const outcome = await leases.seal(instanceId, lease.expiresAtMs);',
		"const outcome: string = 'renewed';",
	]),
	mutant('never-adopts', 'Borrowing is enough to decide.', [
		'session-server/finding/load-session.ts',
		"const adopt = lease?.standing === 'sealed' &&",
		'const adopt = lease?.standing === undefined &&',
	]),
	mutant('never-uses-memory', 'The bus always has the latest.', [
		'session-server/memory/synchronizer.ts',
		'if (lastSync === undefined || life.lease === undefined || !holds(life.lease, now, timing)) return false;',
		'if (lastSync !== undefined || life.lease === undefined || !holds(life.lease, now, timing)) return false;',
	]),
	mutant('outlives-its-age-limit', 'It is in use.', [
		'session/lifetime.ts',
		"if (nowMs >= session.absoluteExpiresAtMs) return 'expired-absolute';",
		'',
	]),
	mutant('lengthens-at-failover', 'A recovered session starts afresh.', [
		'session/changes.ts',
		'return Object.freeze({ ...session, owner: Object.freeze({ epoch, instanceId }) });',
		'return Object.freeze({ ...session, lastSeenAtMs: session.lastSeenAtMs + 1_000, owner: Object.freeze({ epoch, instanceId }) });',
	]),
	mutant(
		'remembers-an-idle-refusal',
		'A session that has expired has expired.',
		[
			'session-server/finding/find-session.ts',
			"if (life === 'revoked' || life === 'expired-absolute') finalRefusals.over(digest, session);",
			"if (life !== 'live') finalRefusals.over(digest, session);",
		],
		['session-server/memory/final-refusals.ts', 'atMs: absoluteExpiresAtMs', 'atMs: 0'],
		[
			'session-server/memory/final-refusals.ts',
			"code: 'session_expired_absolute', everywhere",
			"code: 'session_expired_idle', everywhere",
		],
	),
	mutant('takes-an-outage-for-final', 'The bus found nothing.', [
		'session-server/finding/find-session.ts',
		"if (answer.kind === 'unavailable') return",
		"if (answer.kind === 'unavailable') finalRefusals.absent(digest, now);\n\t\t\tif (answer.kind === 'unavailable') return",
	]),
	mutant('logs-in-again-with-nothing', 'A new session is new.', [
		'session-server/operations/replace-session.ts',
		'const attributes = valuesOf(former);',
		'const attributes = valuesOf({ ...former, attributes: {} });',
	]),
	mutant('takes-the-former-session-from-memory', 'A copy that may be shown may be kept.', [
		'session-server/operations/replace-session.ts',
		"const found = await findLive(token, 'strict');",
		"const found = await findLive(token, 'bounded');",
	]),
	mutant('keeps-the-former-session', 'Its client has a new token, and forgets the old one.', [
		'session-server/operations/replace-session.ts',
		'const ended = await logout(formerToken);',
		"const ended: Awaited<ReturnType<typeof logout>> = { ...(former as object), kind: 'ended' } as never;",
	]),
	mutant('confirms-past-expired-leases', 'Its holder may not use memory any more.', [
		'session-server/operations/confirm-everywhere.ts',
		'return open.length - (await sealWhileThereIsTime(leases, expired, at.isOver));',
		'return open.length - expired.length;',
	]),
];
