import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
	packEntry,
	packedEntryBytes,
	slotMs,
	slotOf,
	unpackEntry,
} from '../../../functions/control-table/dynamodb/packed-entry.ts';
import { announces, attemptsMax, entryIdOf, packedId } from '../../../functions/control-table/entry-id.ts';
import type { FeedEntry } from '../../../functions/control-table/feed.ts';
import { sessionIdOf } from '../../../functions/session/ids.ts';
import type { SessionId } from '../../../functions/session/session.ts';
import { exampleSessionId, exampleStartMs } from '../../support/example-session.ts';

const entries: fc.Arbitrary<FeedEntry> = fc.record({
	id: fc.string(),
	atMs: fc.integer({ min: exampleStartMs, max: exampleStartMs + 1_000_000 }),
	sessionId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(sessionIdOf),
	kind: fc.constantFrom('end', 'attributes'),
	proofWanted: fc.boolean(),
});

test('a packed entry is unpacked as it was, but for a short id', () => {
	fc.assert(
		fc.property(entries, (entry) => {
			const packed = packEntry(entry);
			expect(packed).toHaveLength(packedEntryBytes);
			expect(unpackEntry(packed, slotOf(entry.atMs))).toEqual({ ...entry, id: packedId(entry) });
		}),
	);
});

test('two entries have one id only if they are of one session and announce one change', () => {
	fc.assert(
		fc.property(entries, entries, (one, other) => {
			const isSame = one.id === other.id && one.sessionId === other.sessionId;
			expect(packedId(one) === packedId(other)).toBe(isSame);
		}),
	);
	const entry = { id: 'change', sessionId: exampleSessionId(1) };
	expect(packedId(entry)).not.toBe(packedId({ ...entry, sessionId: exampleSessionId(2) }));
});

test('the author of a change recognises its announcement, packed or not, and no other', () => {
	const one = exampleSessionId(1);
	const forms = (change: string, sessionId: SessionId) =>
		Array.from({ length: attemptsMax }, (_, attempt) => entryIdOf(change, sessionId, attempt)).flatMap((id) => [
			id,
			packedId({ id, sessionId }),
		]);
	for (const id of forms('mine', one)) expect(announces(id, 'mine', one)).toBe(true);
	for (const id of [...forms('other', one), ...forms('mine', exampleSessionId(2)), ...forms('mine.0', one)])
		expect(announces(id, 'mine', one)).toBe(false);
});

test('an entry of another length, of an unknown kind or of another slot is not read', () => {
	const packed = packEntry({
		id: 'change',
		atMs: exampleStartMs,
		sessionId: exampleSessionId(1),
		kind: 'attributes',
		proofWanted: true,
	});
	const slot = slotOf(exampleStartMs);
	expect(unpackEntry(packed, slot)).toBeDefined();
	expect(unpackEntry(packed.subarray(1), slot)).toBeUndefined();
	expect(unpackEntry(Buffer.concat([packed, Buffer.of(0)]), slot)).toBeUndefined();
	for (const kind of [2, 3, 127]) expect(unpackEntry(changed(packed, 0, 2 * kind), slot)).toBeUndefined();
	expect(unpackEntry(changed(packed, 1, slotMs), slot)).toBeUndefined();
});

function changed(packed: Uint8Array, index: number, byte: number): Uint8Array {
	const copy = Buffer.from(packed);
	copy[index] = byte;
	return copy;
}
