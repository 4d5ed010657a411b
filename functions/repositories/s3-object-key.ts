import type { SessionId } from '../session/session.ts';

/** Where a session's record is. Keys begin with the random id, so that S3 can split the load by prefix. */
export function objectKeyOf(id: SessionId): string {
	return `${id}.json`;
}
