import { type UsedToken, usedTokensMax } from '../../repositories/subject-index.ts';
import type { SessionId } from '../../session/session.ts';
import { underWayMs } from './entry-state.ts';

/**
 * Whether another session began with the ID token. A repeated login has the same session.
 *
 * @param retryOf a session of the same login, which was ended before the login was acknowledged
 */
export function isUsedByAnother(
	used: readonly UsedToken[],
	{ digest, sessionId }: UsedToken,
	retryOf: SessionId | undefined,
): boolean {
	return used.some((other) => other.digest === digest && other.sessionId !== sessionId && other.sessionId !== retryOf);
}

/**
 * No deployment accepts an ID token for longer than a day and some minutes. A session server that
 * was broken into may say that it does. Such tokens would take the place of all others.
 */
const acceptedMsMax = 25 * 3_600_000;

/**
 * `used` with `token`, without those that nobody accepts any more. If there are too many, those
 * that would be accepted for the shortest time are forgotten.
 */
export function withUsed(used: readonly UsedToken[], token: UsedToken, nowMs: number): readonly UsedToken[] {
	return [...used.filter((other) => other.digest !== token.digest && nowMs < other.expiresAtMs + underWayMs), token]
		.map((each) => ({ ...each, expiresAtMs: Math.min(each.expiresAtMs, nowMs + acceptedMsMax) }))
		.sort((a, b) => a.expiresAtMs - b.expiresAtMs)
		.slice(-usedTokensMax);
}
