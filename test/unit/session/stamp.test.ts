import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeStamp, nextStamp, stampPattern, stampWallMs } from '../../../functions/session/stamp.ts';

const wallMsMax = 35 * 36 ** 8 - 2;
const counterMax = 36 ** 4 - 1;
const wall = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: wallMsMax }));
const counter = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: counterMax - 2, max: counterMax }));
const node = fc.stringMatching(/^[A-Za-z0-9_-]{1,16}$/);
const parts = fc.tuple(wall, counter, node);
const stamp = parts.map((of) => makeStamp(...of));
const stamps = fc.array(stamp, { minLength: 1, maxLength: 5 });
/** A clock may be set to any time, even before the Unix epoch. */
const clock = fc.oneof(wall, fc.integer({ min: -(2 ** 45), max: 0 }));

describe('a stamp', () => {
	test('has the same order as text as by wall time, counter and node', () => {
		fc.assert(
			fc.property(parts, parts, (a, b) => {
				const byParts = a[0] - b[0] || a[1] - b[1] || compare(a[2], b[2]);
				expect(compare(makeStamp(...a), makeStamp(...b))).toBe(Math.sign(byParts));
			}),
			{ numRuns: 500 },
		);
	});

	test('has the form of the wire and contains its wall time', () => {
		fc.assert(
			fc.property(parts, (of) => {
				expect(makeStamp(...of)).toMatch(stampPattern);
				expect(stampWallMs(makeStamp(...of))).toBe(of[0]);
			}),
		);
	});
});

describe('the next stamp', () => {
	test('is larger than every stamp that it replaces, at any time of the clock', () => {
		fc.assert(
			fc.property(clock, node, stamps, (nowMs, by, replaced) => {
				const next = nextStamp(nowMs, by, replaced);
				for (const earlier of replaced) expect(next > earlier).toBe(true);
				expect(next).toMatch(stampPattern);
			}),
			{ numRuns: 500 },
		);
	});

	test('has the time of the clock if it replaces nothing newer', () => {
		expect(nextStamp(1_000, 'me', [])).toBe(makeStamp(1_000, 0, 'me'));
		expect(nextStamp(1_000, 'me', [makeStamp(999, 7, 'you')])).toBe(makeStamp(1_000, 0, 'me'));
	});

	test('is no further ahead of the clock than the stamps that it replaces', () => {
		expect(nextStamp(1_000, 'me', [makeStamp(5_000, 7, 'you'), makeStamp(10, 9, 'you')])).toBe(
			makeStamp(5_000, 8, 'me'),
		);
	});

	test('continues with the next millisecond when the counter is used up', () => {
		expect(nextStamp(1_000, 'me', [makeStamp(1_000, counterMax, 'you')])).toBe(makeStamp(1_001, 0, 'me'));
	});
});

function compare(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}
