import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { type Knowledge, loadedAt, mayUseCarried } from '../../../../functions/session-server/carried/acceptance.ts';
import { elapsedMs } from '../../../../functions/system/clock.ts';
import { exampleProof, exampleSecretHash, exampleSession, exampleSessionId } from '../../../support/example-session.ts';

const timing = { ...timingDefaults, skewMs: 500, carriedAgeMs: 100_000 };
const session = exampleSession();
/** The bus read the session when it was last used. */
const knownAtMs = session.lastSeenAtMs;
const token = { sessionId: session.id, ...exampleProof };

function at(afterMs: number): Knowledge['now'] {
	return { wallMs: knownAtMs + afterMs, monotonicMs: 5_000_000 + afterMs };
}

/** An instance that knows of every end, 20 s after the session was read. */
const knowledge: Knowledge = {
	now: at(20_000),
	timing,
	horizonMs: 0,
	hasEnded: false,
	keptSince: undefined,
};

function mayUse(differing: Partial<Knowledge>, copy: Partial<{ session: typeof session; knownAtMs: number }> = {}) {
	return mayUseCarried({ session, knownAtMs, ...copy }, token, { ...knowledge, ...differing });
}

describe('a carried copy', () => {
	test.each<[string, boolean, Partial<Knowledge>]>([
		['of which everything is known', true, {}],
		['as old as it may be', true, { now: at(100_000) }],
		['older than it may be', false, { now: at(100_001) }],
		['from a clock that is ahead by the skew margin', true, { now: at(-500) }],
		['from a clock that is further ahead', false, { now: at(-501) }],
		['read two skew margins after the horizon', true, { horizonMs: knownAtMs - 1_000 }],
		['read less than that after the horizon', false, { horizonMs: knownAtMs - 999 }],
		['at an instance that knows of no ends', false, { horizonMs: Number.POSITIVE_INFINITY }],
		['whose session has ended, also if it was read after that', false, { hasEnded: true }],
		['newer than the one in memory', true, { keptSince: at(-1) }],
		['as old as the one in memory', false, { keptSince: at(0) }],
		['older than the one in memory', false, { keptSince: at(1) }],
	])('%s may be used: %s', (_, expected, differing) => {
		expect(mayUse(differing)).toBe(expected);
	});

	test.each<[string, Partial<typeof session>]>([
		['of another session', { id: exampleSessionId(2) }],
		['with another secret', { credential: { ...session.credential, secretHash: exampleSecretHash('t') } }],
		[
			'whose grace is over',
			{
				credential: {
					...session.credential,
					secretHash: exampleSecretHash('t'),
					previousSecretHash: exampleProof.secretHash,
					graceUntilMs: knownAtMs + 20_000,
				},
			},
		],
		['that is revoked', { revocation: { atMs: knownAtMs, reason: 'logout' } }],
		['that has reached its age limit', { absoluteExpiresAtMs: knownAtMs + 20_000 }],
		['that was idle for too long', { idleTimeoutMs: 20_000 }],
	])('%s may not be used', (_, differing) => {
		expect(mayUse({}, { session: exampleSession(differing) })).toBe(false);
	});

	test('is as old in memory as it is in truth, by both clocks', () => {
		for (const afterMs of [0, 1, 70_000])
			expect(elapsedMs(loadedAt(knownAtMs, at(afterMs)), at(afterMs))).toBe(afterMs);
		// One from a clock that is ahead is as old as if it had come now.
		expect(elapsedMs(loadedAt(knownAtMs, at(-300)), at(-300))).toBe(0);
	});

	/**
	 * The clocks of the bus that ends a session, of the bus that reads it, and of the instance are
	 * each anywhere within a band. The end comes after the read in true time.
	 */
	test('is never used if an end came after it that the instance does not know', () => {
		const clock = fc.integer({ min: 0, max: timing.skewMs });
		fc.assert(
			fc.property(
				fc.nat(200_000),
				fc.nat(200_000),
				fc.nat(200_000),
				clock,
				clock,
				clock,
				(readAfterMs, endAfterMs, useAfterMs, reader, ender, user) => {
					const trueMs = { read: knownAtMs + readAfterMs, end: knownAtMs + readAfterMs + endAfterMs };
					const useMs = trueMs.end + useAfterMs;
					const endDatedMs = trueMs.end + ender;
					// The horizon is past the end that is not known.
					const horizonMs = endDatedMs + 1;
					const now = { wallMs: useMs + user, monotonicMs: useMs };
					const copy = { session: exampleSession({ idleTimeoutMs: 3_000_000 }), knownAtMs: trueMs.read + reader };
					expect(mayUseCarried(copy, token, { ...knowledge, now, horizonMs })).toBe(false);
				},
			),
		);
	});
});
