import { sessionIdBytes, sessionIdOf } from '../../session/ids.ts';
import { idHashBytes, idHashOf, unpackedId } from '../entry-id.ts';
import type { EntryKind, FeedEntry } from '../feed.ts';

/**
 * The entries of so many milliseconds are packed into one item of each shard. A short slot keeps an
 * item small: an update costs a write unit for each kilobyte of the whole item. A long one makes
 * fewer items, and each takes some 60 bytes besides its entries.
 */
export const slotMs = 100;

/*
 * An entry in its slot:
 *
 *   byte 0        1 if a proof is wanted, plus twice the number of the kind
 *   byte 1        milliseconds from the begin of the slot
 *   bytes 2–17    the session's id
 *   bytes 18–23   the first bytes of the SHA-256 of the entry's id
 */
const sessionAt = 2;
const hashAt = sessionAt + sessionIdBytes;
export const packedEntryBytes = hashAt + idHashBytes;

/** The place of a kind is its number. A reader that does not know the number drops every copy. */
const kinds: readonly EntryKind[] = ['end', 'attributes'];

export function slotOf(atMs: number): number {
	return Math.floor(atMs / slotMs);
}

export function packEntry({ id, atMs, sessionId, kind, proofWanted }: FeedEntry): Uint8Array {
	const packed = Buffer.alloc(packedEntryBytes);
	packed[0] = (proofWanted ? 1 : 0) + 2 * kinds.indexOf(kind);
	packed[1] = Math.floor(atMs) % slotMs;
	packed.write(sessionId, sessionAt, 'base64url');
	idHashOf(id).copy(packed, hashAt);
	return packed;
}

/** `undefined`: the entry is of a later version, so every copy may be affected. */
export function unpackEntry(packed: Uint8Array, slot: number): FeedEntry | undefined {
	const kind = kinds[(packed[0] ?? 0) >> 1];
	const offsetMs = packed[1] ?? 0;
	if (packed.length !== packedEntryBytes || kind === undefined || offsetMs >= slotMs) return undefined;
	const sessionId = sessionIdOf(packed.subarray(sessionAt, hashAt));
	return {
		id: unpackedId(Buffer.from(packed.buffer, packed.byteOffset + hashAt, idHashBytes), sessionId),
		atMs: slot * slotMs + offsetMs,
		sessionId,
		kind,
		proofWanted: ((packed[0] ?? 0) & 1) === 1,
	};
}

/** Which shard an entry belongs to. Appended again, it comes to the same one. */
export function shardOf(packed: Uint8Array, shards: number): number {
	return (packed[packedEntryBytes - 1] ?? 0) % shards;
}
