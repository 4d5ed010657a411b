import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecord, encodeRecord, readRecord } from '../../../functions/repositories/record.ts';
import { withAttributes, withOwner, withRevocation } from '../../../functions/session/changes.ts';
import { withActivity } from '../../../functions/session/lifetime.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Session } from '../../../functions/session/session.ts';
import { stubOf } from '../../../functions/session/stub.ts';
import {
	compareUnknown,
	unknownBytes,
	unknownBytesMax,
	unknownFields,
} from '../../../functions/session/unknown-fields.ts';
import { bytesOf } from '../../../functions/session-server/memory/copies.ts';
import { arbitraryRecord } from '../../support/arbitrary-session.ts';
import { exampleInstanceId, exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';

const plain = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
/** The session as a later version of Leasehold may have stored it. */
const later = {
	...plain,
	device: { order: 3, name: 'phone' },
	credential: { ...plain.credential, method: 'passkey' },
	owner: { ...plain.owner, zone: 'a' },
	attributes: { theme: { stamp: exampleStamp(1), value: 'dark', author: 'one' } },
} as Session;

const unknown = { device: { order: 3, name: 'phone' }, credential: { method: 'passkey' } };
const revocation = { atMs: exampleStartMs + 5, reason: 'logout' } as const;
const stamp = exampleStamp(9);

describe('a session of a later version', () => {
	test('is read with all its fields', () => {
		expect(decodeRecord(encodeRecord(later))).toEqual(later);
		expect(readRecord(later.id, JSON.stringify(later))).toEqual({ kind: 'found', session: later });
	});

	test.each<[string, (session: Session) => Session | 'outdated']>([
		['used', (session) => withActivity(session, exampleStartMs + 9)],
		['changed', (session) => withAttributes(session, { cart: 1 }, stamp)],
		['adopted', (session) => withOwner(session, exampleInstanceId(2), { remainder: 0, deciders: 1 })],
		['ended', (session) => withRevocation(session, revocation)],
		['made a stub', stubOf],
	])('keeps what this version does not know when it is %s', (_, change) => {
		const changed = change(later);
		expect(decodeRecord(encodeRecord(changed as Session))).toMatchObject(unknown);
	});

	test('keeps what this version does not know when it is merged with a record that lacks it', () => {
		const newer = { ...plain, lastSeenAtMs: exampleStartMs + 9 };
		expect(merge(later, newer)).toEqual({ ...later, lastSeenAtMs: newer.lastSeenAtMs });
		expect(merge(newer, later)).toEqual({ ...later, lastSeenAtMs: newer.lastSeenAtMs });
		expect(merge(plain, later)).toBe(later);
	});
});

test('every field of every record is in its join with any other, or a greater one is', () => {
	fc.assert(
		fc.property(arbitraryRecord, arbitraryRecord, (a, b) => {
			const join = unknownFields('session', merge(a, b));
			for (const record of [a, b])
				for (const [name, value] of Object.entries(unknownFields('session', record)))
					expect(compareUnknown(join[name], value)).toBeGreaterThanOrEqual(0);
		}),
		{ numRuns: 1_000 },
	);
});

test.each<[string, unknown, unknown]>([
	['of two numbers, the larger one', 10, 9],
	['of two objects, the one with the larger order', { order: 10, note: 'a' }, { order: 9, note: 'b' }],
	['an object with more fields, before one with fewer', { a: 1 }, {}],
	['an object with an order, before one without', { order: -1 }, { name: 'zzz' }],
	['of two texts, the later one', 'b', 'a'],
	['true, before false', true, false],
	['text, before a number', '1', 9],
	['a list, before text', [], 'zzz'],
	['an object, before a list', {}, ['zzz']],
	['any value, before none', null, undefined],
])('the greater value is %s', (_, greater, lesser) => {
	expect(compareUnknown(greater, lesser)).toBeGreaterThan(0);
	expect(compareUnknown(lesser, greater)).toBeLessThan(0);
});

test('two objects that differ only in the order of their fields are equal', () => {
	expect(compareUnknown({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(0);
});

test('the order of JSON values is total', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (a, b, c) => {
			expect(Math.sign(compareUnknown(a, b)) + Math.sign(compareUnknown(b, a))).toBe(0);
			const [x, y, z] = [a, b, c].sort(compareUnknown);
			expect(compareUnknown(x, z)).toBeLessThanOrEqual(0);
			expect(compareUnknown(x, y)).toBeLessThanOrEqual(0);
			expect(compareUnknown(y, z)).toBeLessThanOrEqual(0);
		}),
		{ numRuns: 2_000 },
	);
});

test.each([
	['with more unknown fields than a version may write', { ...plain, device: 'x'.repeat(unknownBytesMax) }],
	['with an unknown field that is nested too deeply', { ...plain, device: JSON.parse('['.repeat(9) + ']'.repeat(9)) }],
	['with a name that no version writes', { ...plain, 'a b': 1 }],
	['of which a known field is wrong', { ...later, subject: 7 }],
])('a record %s is corrupt', (_, record) => {
	expect(readRecord(plain.id, JSON.stringify(record))).toMatchObject({ kind: 'failed', reason: 'corrupt' });
});

test('the name of an unknown field does not reach the prototype of an object', () => {
	const session = decodeRecord(JSON.stringify(plain).replace('{', '{"__proto__":{"revocation":1},'));
	expect(session).toEqual(plain);
	expect(session.revocation).toBeUndefined();
});

test('unknown fields count for the memory that a copy takes', () => {
	expect(unknownBytes(later)).toBe(
		[{ device: { order: 3, name: 'phone' } }, { method: 'passkey' }, { zone: 'a' }, { author: 'one' }]
			.map((part) => JSON.stringify(part).length)
			.reduce((sum, length) => sum + length),
	);
	expect(bytesOf(later)).toBe(bytesOf(plain) + 2 * unknownBytes(later));
});
