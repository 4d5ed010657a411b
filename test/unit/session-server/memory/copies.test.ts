import { describe, expect, test } from 'vitest';
import { tokenDigest } from '../../../../functions/access/token.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { bytesOf, type Copies, createCopies } from '../../../../functions/session-server/memory/copies.ts';
import {
	exampleSecretHash,
	exampleSession,
	exampleSessionId,
	exampleStamp,
	exampleStartMs,
} from '../../../support/example-session.ts';

const at = { wallMs: exampleStartMs, monotonicMs: 0 };
const session = (byte: number): Session => exampleSession({ id: exampleSessionId(byte) });
const [one, two, three] = [session(1), session(2), session(3)] as const;
const bytes = bytesOf(one);
const large = exampleSession({
	id: exampleSessionId(9),
	attributes: { text: { stamp: exampleStamp(0), value: 'x'.repeat(4_000) } },
});

function hold(copies: Copies, held: Session, ...tokens: string[]): void {
	copies.insert(copies.beginLoad(held.id, at), held);
	for (const token of tokens) copies.accept(held.id, tokenDigest(token), exampleSecretHash(token));
}

describe('use that a client may have been told of', () => {
	const usedMs = one.lastSeenAtMs + 500;

	test('is in the copy of the session, and in no other', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'token');
		hold(copies, two, 'other token');
		copies.seen(one.id, usedMs);
		copies.seen(one.id, usedMs - 1);
		expect(copies.findByToken(tokenDigest('token'))?.session.lastSeenAtMs).toBe(usedMs);
		expect(copies.find(two.id)?.session).toBe(two);
	});

	test('is known to the loads of the session that are under way, though it has no copy', () => {
		const copies = createCopies(10 * bytes);
		const [load, other] = [copies.beginLoad(one.id, at), copies.beginLoad(two.id, at)];
		copies.seen(one.id, usedMs);
		copies.seen(one.id, usedMs - 1);
		expect(load.seenAtMs).toBe(usedMs);
		expect(other.seenAtMs).toBeLessThan(two.lastSeenAtMs);
		expect(copies.beginLoad(one.id, at).seenAtMs).toBeLessThan(one.lastSeenAtMs);
	});
});

describe('a copy', () => {
	test('is found by its id and by each token that was accepted for it', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'token', 'previous token');
		hold(copies, two, 'other token');
		expect(copies.find(one.id)?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('token'))?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('previous token'))?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('other token'))?.session).toBe(two);
		expect(copies.findByToken(tokenDigest('unknown token'))).toBeUndefined();
		expect(copies.find(three.id)).toBeUndefined();
	});

	test('that takes more than a 64th of the budget is not kept, and evicts no other', () => {
		const copies = createCopies(64 * 100_000);
		const huge = (characters: number) => {
			const values = Array.from({ length: characters / 4_000 }, (_, index) => [
				`text-${index}`,
				{ stamp: exampleStamp(0), value: 'x'.repeat(4_000) },
			]);
			return exampleSession({ id: exampleSessionId(9), attributes: Object.fromEntries(values) });
		};
		hold(copies, one, 'token');
		hold(copies, huge(40_000), 'small');
		expect(copies.findByToken(tokenDigest('small'))).toBeDefined();
		hold(copies, huge(52_000), 'huge');
		expect(copies.findByToken(tokenDigest('huge'))).toBeUndefined();
		expect(copies.find(exampleSessionId(9))).toBeUndefined();
		expect(copies.find(one.id)?.session).toBe(one);
	});

	test('has the time at which its load began', () => {
		const copies = createCopies(10 * bytes);
		const load = copies.beginLoad(one.id, { wallMs: 5, monotonicMs: 3 });
		copies.insert(load, one);
		expect(copies.find(one.id)?.loadedAt).toEqual({ wallMs: 5, monotonicMs: 3 });
	});

	test('remembers at most two tokens, and forgets the one accepted first', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'first', 'second', 'third');
		expect(copies.findByToken(tokenDigest('first'))).toBeUndefined();
		expect([...(copies.find(one.id)?.tokens.keys() ?? [])]).toEqual(['second', 'third'].map(tokenDigest));
		expect(copies.findByToken(tokenDigest('second'))?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('third'))?.session).toBe(one);
	});

	test('forgets no token when one of its tokens is accepted again', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'first', 'second', 'second', 'first');
		expect(copies.findByToken(tokenDigest('first'))?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('second'))?.session).toBe(one);
	});

	test('loses its tokens when it is replaced', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'token');
		hold(copies, { ...one, lastSeenAtMs: exampleStartMs + 1 });
		expect(copies.findByToken(tokenDigest('token'))).toBeUndefined();
		expect(copies.find(one.id)?.session.lastSeenAtMs).toBe(exampleStartMs + 1);
		expect(copies.size()).toMatchObject({ copies: 1, bytes });
	});

	test('that does not exist accepts no token', () => {
		const copies = createCopies(10 * bytes);
		copies.accept(one.id, tokenDigest('token'), exampleSecretHash('s'));
		hold(copies, one);
		expect(copies.findByToken(tokenDigest('token'))).toBeUndefined();
	});

	test('that was dropped is found neither by id nor by token', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, one, 'token');
		hold(copies, two, 'other token');
		copies.drop(one.id);
		expect(copies.find(one.id)).toBeUndefined();
		expect(copies.findByToken(tokenDigest('token'))).toBeUndefined();
		expect(copies.findByToken(tokenDigest('other token'))?.session).toBe(two);
		expect(copies.size()).toEqual({ copies: 1, bytes, evictions: 0 });
	});
});

describe('the byte budget', () => {
	test('evicts the least recently used copy, with its tokens', () => {
		const copies = createCopies(2 * bytes);
		hold(copies, one, 'token of one');
		hold(copies, two, 'token of two');
		hold(copies, three, 'token of three');
		expect(copies.find(one.id)).toBeUndefined();
		expect(copies.findByToken(tokenDigest('token of one'))).toBeUndefined();
		expect(copies.findByToken(tokenDigest('token of two'))?.session).toBe(two);
		expect(copies.findByToken(tokenDigest('token of three'))?.session).toBe(three);
		expect(copies.size()).toEqual({ copies: 2, bytes: 2 * bytes, evictions: 1 });
	});

	test('counts a search by token as use', () => {
		const copies = createCopies(2 * bytes);
		hold(copies, one, 'token of one');
		hold(copies, two, 'token of two');
		copies.findByToken(tokenDigest('token of one'));
		hold(copies, three);
		expect(copies.findByToken(tokenDigest('token of one'))?.session).toBe(one);
		expect(copies.findByToken(tokenDigest('token of two'))).toBeUndefined();
	});

	test('evicts as many copies as a large one needs room for', () => {
		const copies = createCopies(bytesOf(large) + bytes);
		for (const small of [one, two, three]) hold(copies, small);
		hold(copies, large);
		expect(copies.find(large.id)?.session).toBe(large);
		expect(copies.find(three.id)?.session).toBe(three);
		expect(copies.size()).toEqual({ copies: 2, bytes: bytesOf(large) + bytes, evictions: 2 });
	});

	test('refuses a copy that is larger than the budget, and evicts nothing for it', () => {
		const copies = createCopies(bytesOf(large) - 1);
		hold(copies, one, 'token');
		expect(copies.insert(copies.beginLoad(large.id, at), large)).toBe(false);
		expect(copies.find(large.id)).toBeUndefined();
		expect(copies.findByToken(tokenDigest('token'))?.session).toBe(one);
		expect(copies.size()).toEqual({ copies: 1, bytes, evictions: 0 });
	});

	test('keeps no older copy of a session that has outgrown it', () => {
		const copies = createCopies(bytesOf(large) - 1);
		hold(copies, one, 'token');
		const grown = { ...one, attributes: large.attributes };
		expect(copies.insert(copies.beginLoad(one.id, at), grown)).toBe(false);
		expect(copies.find(one.id)).toBeUndefined();
		expect(copies.findByToken(tokenDigest('token'))).toBeUndefined();
	});

	test('counts two bytes for each character of subject, scopes and texts', () => {
		const text = 'x'.repeat(1_000);
		const { credential } = one;
		expect(bytesOf({ ...one, subject: one.subject + text }) - bytes).toBe(2_000);
		expect(bytesOf({ ...one, credential: { ...credential, scopes: [text] } }) - bytes).toBe(2_000);
		const valued = (value: string) => ({ ...one, attributes: { a: { stamp: exampleStamp(0), value } } });
		expect(bytesOf(valued(text)) - bytesOf(valued(''))).toBe(2_000);
		expect(bytesOf(valued(''))).toBeGreaterThan(bytes);
	});
});

describe('a load', () => {
	test('does not enter memory if its session was dropped in the meantime', () => {
		const copies = createCopies(10 * bytes);
		const load = copies.beginLoad(one.id, at);
		copies.drop(one.id);
		expect(copies.insert(load, one)).toBe(false);
		expect(copies.find(one.id)).toBeUndefined();
	});

	test('is spoiled together with all loads of the same session, and with no others', () => {
		const copies = createCopies(10 * bytes);
		const loads = [copies.beginLoad(one.id, at), copies.beginLoad(one.id, at)];
		const other = copies.beginLoad(two.id, at);
		copies.drop(one.id);
		expect(loads.map((load) => copies.insert(load, one))).toEqual([false, false]);
		expect(copies.insert(other, two)).toBe(true);
	});

	test('that began after the drop enters memory', () => {
		const copies = createCopies(10 * bytes);
		copies.drop(one.id);
		expect(copies.insert(copies.beginLoad(one.id, at), one)).toBe(true);
		expect(copies.find(one.id)?.session).toBe(one);
	});

	test('under way is spoiled when everything is dropped', () => {
		const copies = createCopies(10 * bytes);
		hold(copies, three, 'token');
		const loads = [one, two].map((under) => ({ under, load: copies.beginLoad(under.id, at) }));
		copies.dropAll();
		expect(loads.map(({ under, load }) => copies.insert(load, under))).toEqual([false, false]);
		expect(copies.findByToken(tokenDigest('token'))).toBeUndefined();
		expect(copies.size()).toEqual({ copies: 0, bytes: 0, evictions: 0 });
	});

	test('that is spoiled does not change the copy of a later load', () => {
		const copies = createCopies(10 * bytes);
		const spoiled = copies.beginLoad(one.id, at);
		copies.drop(one.id);
		const later = { ...one, lastSeenAtMs: exampleStartMs + 1 };
		hold(copies, later);
		expect(copies.insert(spoiled, one)).toBe(false);
		expect(copies.find(one.id)?.session).toBe(later);
	});
});
