import type { SessionId } from '../../session/session.ts';

/**
 * Where a session's record is. What comes after the prefix is random, so S3 can split the load there; and the prefix is for the
 * lifecycle rule, which must leave alone what is kept beside sessions.
 */
export function objectKeyOf(id: SessionId): string {
	return `sessions/${id}.json`;
}
