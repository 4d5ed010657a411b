import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SessionId } from '../../../../functions/session/session.ts';
import { createKnownEnds, endsMax } from '../../../../functions/session-server/memory/known-ends.ts';
import { exampleSessionId } from '../../../support/example-session.ts';

const [one, other] = [exampleSessionId(1), exampleSessionId(2)];

describe('the horizon', () => {
	test('is nowhere before the first sync, and after a gap', () => {
		const ends = createKnownEnds();
		expect(ends.horizonMs()).toBe(Number.POSITIVE_INFINITY);
		ends.restartAt(1_000);
		ends.restartAt(Number.POSITIVE_INFINITY);
		expect(ends.horizonMs()).toBe(Number.POSITIVE_INFINITY);
		ends.restartAt(5_000);
		expect(ends.horizonMs()).toBe(5_000);
		expect(ends.restarts()).toBe(3);
	});

	test('moves back with what is read, and never forward by that', () => {
		const ends = createKnownEnds();
		ends.restartAt(10_000);
		ends.reachBackTo(7_000);
		ends.reachBackTo(9_000);
		expect(ends.horizonMs()).toBe(7_000);
	});

	test('is past every end that was forgotten, and stays there', () => {
		const ends = createKnownEnds();
		ends.restartAt(100_000);
		ends.reachBackTo(0);
		ends.add(one, 70_000);
		ends.add(other, 90_000);
		ends.forget(90_000);
		expect([ends.has(one), ends.has(other)]).toEqual([false, true]);
		expect(ends.horizonMs()).toBe(70_001);
		ends.reachBackTo(0);
		expect(ends.horizonMs()).toBe(70_001);
	});

	test('is past the older half if there are more ends than it remembers', () => {
		const ends = createKnownEnds();
		ends.restartAt(0);
		// The order in which they are read does not matter.
		for (let end = endsMax; end >= 0; end--) ends.add(`session-${end}` as SessionId, 1_000 + end);
		expect(ends.horizonMs()).toBe(1_000 + endsMax / 2 + 1);
		expect(ends.has(`session-${endsMax / 2}` as SessionId)).toBe(false);
		expect(ends.has(`session-${endsMax / 2 + 1}` as SessionId)).toBe(true);
		expect(ends.has(`session-${endsMax}` as SessionId)).toBe(true);
	});
});

test('an end that is announced twice counts from its last announcement', () => {
	const ends = createKnownEnds();
	ends.add(one, 200_000);
	ends.add(one, 100_000);
	ends.forget(150_000);
	expect(ends.has(one)).toBe(true);
});

test('every end at or after the horizon is known, whatever is added, read and forgotten', () => {
	const step = fc.oneof(
		fc.record({ kind: fc.constant('add' as const), id: fc.nat(9), atMs: fc.nat(1_000_000) }),
		fc.record({ kind: fc.constant('forget' as const), atMs: fc.nat(1_000_000) }),
		fc.record({ kind: fc.constant('reach back' as const), atMs: fc.nat(1_000_000) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
			const ends = createKnownEnds();
			const added = new Map<SessionId, number>();
			ends.restartAt(500_000);
			for (const step of steps)
				if (step.kind === 'add') {
					const id = exampleSessionId(step.id);
					ends.add(id, step.atMs);
					added.set(id, Math.max(step.atMs, added.get(id) ?? 0));
				} else if (step.kind === 'forget') ends.forget(step.atMs);
				else ends.reachBackTo(step.atMs);
			for (const [id, atMs] of added) expect(ends.has(id) || ends.horizonMs() > atMs).toBe(true);
		}),
	);
});
