import type { Session } from './session.ts';

/** Whether a session can still be used, and if not, why. */
export type Life = 'live' | 'revoked' | 'expired-idle' | 'expired-absolute';

/**
 * Decided whenever a session is read, from the record alone: what collects garbage (TTL, lifecycle rules) has no say.
 * A session ends at its expiry, not after it. (OWASP Session Management Cheat Sheet, session expiration.)
 */
export function lifeOf(session: Session, nowMs: number): Life {
	if (session.revocation !== undefined) return 'revoked';
	if (nowMs >= session.absoluteExpiresAtMs) return 'expired-absolute';
	if (nowMs >= idleExpiresAtMs(session)) return 'expired-idle';
	return 'live';
}

/** When the session ends unless it is used before. */
export function idleExpiresAtMs(session: Session): number {
	return session.lastSeenAtMs + session.idleTimeoutMs;
}
