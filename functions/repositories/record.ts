import * as v from 'valibot';
import type { Session } from '../session/session.ts';
import { sessionSchema } from '../session/session-schema.ts';

/** A session as repositories keep it. */
export function encodeRecord(session: Session): string {
	return JSON.stringify(session);
}

/** @throws when the text is not a session that this version of Leasehold can read. */
export function decodeRecord(text: string): Session {
	return v.parse(sessionSchema, JSON.parse(text));
}

/**
 * Seconds of the Unix epoch after which a record may be collected: its age limit and a day. A tombstone stays as long,
 * or a copy of the session that was lost sight of could come back to life (I1).
 */
export function collectableAtSeconds(session: Session): number {
	return Math.ceil(session.absoluteExpiresAtMs / 1000) + 86_400;
}
