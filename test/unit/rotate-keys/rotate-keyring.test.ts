import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeyEntry, keyringFreshMs, keysMax, signingAgeMaxMs } from '../../../functions/access/keyring.ts';
import { rotateKeyring, settleMs } from '../../../functions/rotate-keys/rotate-keyring.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const absoluteMs = 12 * hourMs;
const secret = Buffer.alloc(32, 1);
const first: readonly KeyEntry[] = [{ id: 'seed', secret, role: 'current' }];

/** A keyring, and when it became the current one. */
interface Published {
	readonly atMs: number;
	readonly keys: readonly KeyEntry[];
}

/**
 * Rotates the first keyring by a schedule. Each rotation begins `gapMs` after the one before was
 * finished.
 */
function history(rotations: readonly { gapMs: number; finishMs: number }[]): readonly Published[] {
	const published: [Published, ...Published[]] = [{ atMs: 0, keys: first }];
	let ids = 0;
	for (const { gapMs, finishMs } of rotations) {
		const last = published.at(-1) ?? published[0];
		const nowMs = last.atMs + gapMs;
		const keys = rotateKeyring(last.keys, { nowMs, publishedAtMs: last.atMs, absoluteMs }, () => ({
			id: String(1_000 + ids++),
			secret,
		}));
		published.push({ atMs: nowMs + finishMs, keys });
	}
	return published;
}

function keysAt(published: readonly Published[], ms: number): readonly KeyEntry[] {
	return published.findLast(({ atMs }) => atMs <= ms)?.keys ?? first;
}

/**
 * Schedules with rotations right after each other up to months apart. Each rotation is finished at
 * once or, after an outage of Secrets Manager, later.
 */
const rotations = fc.array(
	fc.record({
		gapMs: fc.oneof(fc.integer({ min: 1, max: hourMs }), fc.integer({ min: 1, max: 90 * dayMs })),
		finishMs: fc.oneof(fc.constant(1_000), fc.integer({ min: 1, max: 2 * dayMs })),
	}),
	{ minLength: 1, maxLength: 12 },
);

/** Ages at the ends of their range find mistakes that ages in the middle do not. */
const upTo = (max: number) => fc.oneof(fc.constant(0), fc.constant(max), fc.integer({ min: 0, max }));

describe('a rotation', () => {
	test('never makes a token of any instance invalid while its session lives', () => {
		const token = fc.record({
			near: fc.nat(11),
			offsetMs: fc.oneof(upTo(2 * hourMs), upTo(3 * dayMs)),
			signerAgeMs: upTo(signingAgeMaxMs - 1),
			tokenAgeMs: upTo(absoluteMs),
			readerAgeMs: upTo(keyringFreshMs),
		});
		fc.assert(
			fc.property(rotations, fc.array(token, { minLength: 20, maxLength: 20 }), (schedule, tokens) => {
				const published = history(schedule);
				for (const { near, offsetMs, signerAgeMs, tokenAgeMs, readerAgeMs } of tokens) {
					const signedAtMs = (published[near % published.length]?.atMs ?? 0) + offsetMs;
					const [signer] = keysAt(published, signedAtMs - signerAgeMs);
					const reader = keysAt(published, signedAtMs + tokenAgeMs - readerAgeMs);
					expect(reader.map(({ id }) => id)).toContain(signer?.id);
				}
			}),
			{ numRuns: 2_000 },
		);
	});

	test('always leaves one current key, which comes first, at most one next key, and at most the largest number of keys', () => {
		fc.assert(
			fc.property(rotations, (schedule) => {
				for (const { keys } of history(schedule)) {
					expect(keys.map(({ role }) => role === 'current')).toEqual(keys.map((_, index) => index === 0));
					expect(keys.filter(({ role }) => role === 'next').length).toBeLessThanOrEqual(1);
					expect(keys.length).toBeLessThanOrEqual(keysMax);
				}
			}),
		);
	});

	test('each month lets another key sign and removes the key that no session can need', () => {
		const monthly = history(Array.from({ length: 6 }, () => ({ gapMs: 30 * dayMs, finishMs: 1_000 })));
		expect(monthly.map(({ keys }) => keys.map(({ id, role }) => `${id} ${role}`))).toEqual([
			['seed current'],
			['seed current', '1000 next'],
			['1000 current', 'seed previous', '1001 next'],
			['1001 current', '1000 previous', '1002 next'],
			['1002 current', '1001 previous', '1003 next'],
			['1003 current', '1002 previous', '1004 next'],
			['1004 current', '1003 previous', '1005 next'],
		]);
	});

	test('keeps what a later version has stored in the keys, in whatever role they get', () => {
		const later = { use: 'seal' };
		const keys: readonly KeyEntry[] = [
			{ id: 'new1', secret, role: 'current', sinceMs: 0, ...later },
			{ id: 'new2', secret, role: 'next', sinceMs: 0, ...later },
		];
		const rotated = rotateKeyring(keys, { nowMs: settleMs, publishedAtMs: 0, absoluteMs }, () => ({
			id: 'new3',
			secret,
		}));
		expect(rotated).toEqual([
			{ id: 'new2', secret, role: 'current', ...later },
			{ id: 'new1', secret, role: 'previous', ...later },
			{ id: 'new3', secret, role: 'next' },
		]);
	});

	test('that is repeated before every instance knows the next key changes only dates', () => {
		const [, , hasty] = history([
			{ gapMs: dayMs, finishMs: 1_000 },
			{ gapMs: settleMs - 1, finishMs: 1_000 },
		]);
		expect(hasty?.keys.map(({ id, role }) => `${id} ${role}`)).toEqual(['seed current', '1000 next']);
	});

	test('keeps keys that somebody added by hand, counted from the time they were added', () => {
		const byHand: readonly KeyEntry[] = [
			{ id: 'new1', secret, role: 'current' },
			{ id: 'old1', secret, role: 'previous' },
		];
		const rotated = rotateKeyring(byHand, { nowMs: 90 * dayMs, publishedAtMs: 90 * dayMs - 1, absoluteMs }, () => ({
			id: 'next',
			secret,
		}));
		expect(rotated.map(({ id, sinceMs }) => [id, sinceMs])).toEqual([
			['new1', 90 * dayMs - 1],
			['old1', 90 * dayMs - 1],
			['next', undefined],
		]);
	});
});
