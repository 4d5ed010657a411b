import { type Mutant, mutant } from './mutant.ts';

/** Mistakes with the copies that clients carry, and with what an instance knows of ends. */
export const mutantsOfCarriedCopies: readonly Mutant[] = [
	mutant('carries-over-any-gap', 'The bus has signed it.', [
		'session-server/carried/acceptance.ts',
		'horizonMs <= knownAtMs - 2 * timing.skewMs &&',
		'horizonMs !== Number.POSITIVE_INFINITY &&',
	]),
	mutant('forgets-ends-with-their-copies', 'The copy has been dropped, so the entry has done its work.', [
		'session-server/memory/feed-reader.ts',
		'				ends.add(entry.sessionId, entry.atMs);\n',
		'',
	]),
	mutant(
		'forgets-ends-and-keeps-the-horizon',
		'An old end is of no use.',
		['session-server/memory/known-ends.ts', 'export const endsMax = 160_000;', 'export const endsMax = 1;'],
		[
			'session-server/memory/known-ends.ts',
			'horizonMs: () => Math.max(reachesBackToMs, forgottenAtMs + 1),',
			'horizonMs: () => Math.max(reachesBackToMs, 0 * forgottenAtMs),',
		],
	),
	mutant(
		'overflows-and-keeps-the-horizon',
		'Every copy has been dropped.',
		['control-table/feed.ts', 'export const feedEntriesMax = 10_000;', 'export const feedEntriesMax = 1;'],
		[
			'session-server/memory/feed-reader.ts',
			"return { fromMs: entries === 'overflow' ? undefined : fromMs };",
			'return { fromMs };',
		],
	),
	mutant(
		'keeps-the-horizon-over-a-gap',
		'A read cannot be undone.',
		['session-server/memory/feed-reader.ts', '		ends.restartAt(Number.POSITIVE_INFINITY);\n', ''],
		[
			'session-server/memory/feed-reader.ts',
			'ends.restartAt(fromMs ?? begun.at.wallMs + 1);',
			'ends.reachBackTo(fromMs ?? begun.at.wallMs + 1);',
		],
	),
	mutant('counts-the-age-from-arrival', 'It has just come.', [
		'session-server/carried/use-carried.ts',
		'copies.take({ session, loadedAt: loadedAt(knownAtMs, at), knownAtMs });',
		'copies.take({ session, loadedAt: { ...loadedAt(knownAtMs, at), ...at }, knownAtMs });',
	]),
	mutant(
		'carries-for-ever',
		'The feed tells what has ended.',
		[
			'session-server/carried/acceptance.ts',
			'		elapsedMs(loadedAt(knownAtMs, now), now) <= timing.carriedAgeMs &&\n',
			'		elapsedMs(loadedAt(knownAtMs, now), now) <= 100 * timing.carriedAgeMs &&\n',
		],
		[
			'session-server/carried/use-carried.ts',
			'claim.knownAtMs < clock.now().wallMs - timing.carriedAgeMs;',
			'claim.knownAtMs < clock.now().wallMs - 100 * timing.carriedAgeMs;',
		],
	),
	mutant('looks-for-an-end-before-it-waits', 'It was live a moment ago.', [
		'session-server/carried/use-carried.ts',
		'hasEnded: ends.has(session.id),',
		'hasEnded: false,',
	]),
	mutant(
		'uses-carried-copies-without-a-sync',
		'The signature is all that it needs.',
		[
			'session-server/carried/use-carried.ts',
			'if (!isUpToDate && !(await synchronizer.bringUpToDate(request, demand))) return undefined;',
			'if (!isUpToDate) await synchronizer.bringUpToDate(request, demand);',
		],
		[
			'session-server/carried/use-carried.ts',
			'		if (!synchronizer.mayUseMemory(request, demand, at)) return undefined;\n',
			'',
		],
	),
	mutant('refuses-a-copy-that-does-not-fit', 'Somebody presents a wrong copy.', [
		'session-server/finding/find-session.ts',
		'if (taken !== undefined) return taken;',
		"if (taken !== undefined) return taken;\n\t\tif (search.text !== undefined) return { kind: 'refused', code: 'session_unknown' };",
	]),
	mutant('keeps-carried-copies-at-an-end', 'A change says nothing against a copy without attributes.', [
		'session-server/memory/feed-reader.ts',
		'				copies.drop(entry.sessionId);\n			} else',
		'				copies.dropChanged(entry.sessionId, entry.id);\n			} else',
	]),
	mutant('announces-an-end-as-a-change', 'A logout changes the session.', [
		'bus/operations/revoke.ts',
		"{ ...change, kind: 'end' },",
		"{ ...change, kind: 'attributes' },",
	]),
	mutant('shows-a-carried-copy', 'A copy is a copy.', [
		'session-server/finding/find-session.ts',
		"return part === 'whole' && copy?.knownAtMs !== undefined ? undefined : copy;",
		"return part !== 'whole' && copy === undefined ? undefined : copy;",
	]),
	mutant(
		'remembers-no-end-of-its-own',
		'The author has dropped its copy.',
		['session-server/operations/logout.ts', '			context.ends.add(id, clock.now().wallMs);\n', ''],
		[
			'session-server/operations/logout.ts',
			'			finalRefusals.over(tokenDigest(token), answer.session, complete);\n',
			'',
		],
		[
			'session-server/operations/logout.ts',
			'		if (complete && everywhere?.confirmed) finalRefusals.proved(tokenDigest(token));\n',
			'',
		],
	),
	mutant('says-how-far-it-reads-back-too-early', 'The answer is on its way.', [
		'session-server/memory/read-back.ts',
		'		const entries = await feed.read(fromMs, toMs);\n',
		'		ends.reachBackTo(fromMs);\n		const entries = await feed.read(fromMs, toMs);\n',
	]),
	mutant('reads-back-without-ends', 'Old entries have no copies to drop.', [
		'session-server/memory/read-back.ts',
		'				ends.add(sessionId, atMs);\n',
		'',
	]),
	mutant(
		'dates-a-copy-by-its-signature',
		'That is when the bus says it.',
		['bus/bus.ts', 'ports.clock.now().wallMs) };', 'ports.clock as never) };'],
		[
			'bus/carry.ts',
			'knownAtMs, receipt });',
			'knownAtMs: (knownAtMs as unknown as { now(): { wallMs: number } }).now().wallMs, receipt });',
		],
	),
	mutant('signs-what-nobody-vouched-for', 'It was good enough for the asker.', [
		'bus/carry.ts',
		"answer.kind !== 'found' || answer.receipt.doubtful || answer.receipt.degraded",
		"answer.kind !== 'found'",
	]),
	mutant('carries-without-a-margin', 'A time is a time.', [
		'session-server/carried/acceptance.ts',
		'horizonMs <= knownAtMs - 2 * timing.skewMs &&',
		'horizonMs <= knownAtMs &&',
	]),
	mutant('reads-back-over-a-gap', 'The entries were there.', [
		'session-server/memory/read-back.ts',
		'		if (ends.restarts() !== begunAfter) return;\n',
		'',
	]),
	mutant(
		'dates-an-end-before-it-is-stored',
		'The session ended when its client said so.',
		[
			'bus/writing/commit.ts',
			'	const stored = await store();',
			'	const begunAtMs = context.clock.now().wallMs;\n	const stored = await store();',
		],
		[
			'bus/writing/commit.ts',
			'return answerOnceAnnounced(context, answer, change);',
			'return answerOnceAnnounced(context, answer, { ...change, begunAtMs } as Change);',
		],
		['bus/writing/commit.ts', 'atMs: begun.wallMs,', 'atMs: (change as Change & { begunAtMs: number }).begunAtMs,'],
	),
	mutant(
		'forgets-what-the-bus-refused',
		'The copy has been dropped.',
		['session-server/finding/find-session.ts', '				ends.add(session.id, now.wallMs);\n', ''],
		[
			'session-server/finding/find-session.ts',
			"if (life === 'revoked' || life === 'expired-absolute') finalRefusals.over(digest, session);",
			"if (life === 'expired-absolute') finalRefusals.over(digest, session);",
		],
	),
];
