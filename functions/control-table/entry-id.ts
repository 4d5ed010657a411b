import { createHash } from 'node:crypto';
import type { SessionId } from '../session/session.ts';

/** How often the bus announces a change, until an append is quick enough. */
export const attemptsMax = 3;

/** The id of an entry that announces a change. Each attempt to announce it has its own. */
export function entryIdOf(change: string, sessionId: SessionId, attempt: number): string {
	return `${change}.${sessionId}.${attempt}`;
}

/** Whether the entry, packed or not, announces this very change of the session. */
export function announces(entryId: string, change: string, sessionId: SessionId): boolean {
	if (!entryId.startsWith(`${sessionId}.`)) return entryId.startsWith(`${change}.${sessionId}.`);
	for (let attempt = 0; attempt < attemptsMax; attempt++)
		if (entryId === packedId({ id: entryIdOf(change, sessionId, attempt), sessionId })) return true;
	return false;
}

/** Six bytes tell the changes of one session apart, but not those of all sessions. */
export const idHashBytes = 6;

/** The first bytes of the SHA-256 of an entry's id. A packed entry has them instead of the id. */
export function idHashOf(id: string): Buffer {
	return createHash('sha256').update(id).digest().subarray(0, idHashBytes);
}

/** The id that an entry has once it was packed. Two announcements of one change have the same. */
export function packedId({ id, sessionId }: { readonly id: string; readonly sessionId: SessionId }): string {
	return unpackedId(idHashOf(id), sessionId);
}

export function unpackedId(hash: Buffer, sessionId: SessionId): string {
	return `${sessionId}.${hash.toString('base64url')}`;
}
