import type { Session } from './session.ts';

/** Whether a session can still be used, and why not. */
export type Life = 'live' | 'revoked' | 'expired-idle' | 'expired-absolute';

/**
 * The life of a session, decided from its record whenever it is read. Time to live and lifecycle
 * rules only collect garbage. A session ends at its expiry, not after it. (OWASP Session Management
 * Cheat Sheet, session expiration.)
 */
export function lifeOf(session: Session, nowMs: number): Life {
	if (session.revocation !== undefined) return 'revoked';
	if (nowMs >= session.absoluteExpiresAtMs) return 'expired-absolute';
	if (nowMs >= idleExpiresAtMs(session)) return 'expired-idle';
	return 'live';
}

/** When the session ends if it is not used before. Milliseconds since the Unix epoch. */
export function idleExpiresAtMs(session: Session): number {
	return session.lastSeenAtMs + session.idleTimeoutMs;
}

/**
 * `session` last seen at `atMs`, or the same object if it was seen later or had ended by then. A
 * late or repeated touch must not revive a session that had already expired (I7).
 */
export function withActivity(session: Session, atMs: number): Session {
	if (atMs <= session.lastSeenAtMs || lifeOf(session, atMs) !== 'live') return session;
	return Object.freeze({ ...session, lastSeenAtMs: atMs });
}

/**
 * The largest part of its idle life that a session loses with the unreported activity of an
 * instance.
 */
const idleLifePart = 1 / 12;

/**
 * The time between two reports of activity, in milliseconds. A report writes to every repository,
 * so reports are rare. Every repository gets each report, so the loss of a repository costs no more
 * of the idle life than the loss of an instance.
 */
export function touchIntervalMs({ idleTimeoutMs }: Session, timing: { readonly touchIntervalMs: number }): number {
	return Math.min(timing.touchIntervalMs, idleTimeoutMs * idleLifePart);
}
