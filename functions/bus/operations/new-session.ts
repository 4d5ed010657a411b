import { isSameCredential } from '../../session/merge.ts';
import type { Session } from '../../session/session.ts';
import { attributesMax } from '../../session/session-schema.ts';
import { isInReach } from '../../session/stamp.ts';

/** A login reaches the bus within seconds. This also leaves room for a clock that runs ahead. */
const createdWithinMs = 60_000;

export const farClock = 'created at a time far from the clock of the bus';

/** No deployment needs sessions that last for longer than a year. */
const absoluteMsMax = 366 * 24 * 3_600_000;

/**
 * Why `session` cannot be that of a new login. A session server that was broken into could
 * otherwise create what no login creates, such as the next generation of a session that is in use.
 *
 * `undefined`: it can be.
 */
export function faultOfNew(session: Session, nowMs: number, skewMs: number): string | undefined {
	const { credential, owner, createdAtMs } = session;
	const lifeMs = session.absoluteExpiresAtMs - createdAtMs;
	const nearMs = createdWithinMs + skewMs;
	if (credential.generation !== 1 || credential.previousSecretHash !== undefined) return 'not a first generation';
	if (credential.graceUntilMs !== undefined) return 'not a first generation';
	if (owner.epoch !== 1) return 'not a first epoch';
	if (session.revocation !== undefined) return 'already revoked';
	if (!hasFirstAttributes(session, nowMs)) return 'attributes that no login makes';
	if (session.lastSeenAtMs !== createdAtMs) return 'used at another time than it was created';
	if (Math.abs(createdAtMs - nowMs) > nearMs) return farClock;
	if (credential.authenticatedAtMs > createdAtMs + nearMs) return 'authenticated after it was created';
	if (lifeMs <= 0 || lifeMs > absoluteMsMax) return 'an age limit out of bounds';
	if (session.idleTimeoutMs > absoluteMsMax) return 'an idle timeout out of bounds';
	return undefined;
}

/** A login may give a session attributes. It deletes none, and makes no more than a client may. */
function hasFirstAttributes({ attributes }: Session, nowMs: number): boolean {
	const all = Object.values(attributes);
	return all.length <= attributesMax && all.every(({ stamp, ...rest }) => 'value' in rest && isInReach(stamp, nowMs));
}

/**
 * Whether `stored` is the session of the same login. Another instance may own it by now, it may
 * have been used and ended, and its attributes may have changed.
 */
export function isSameLogin(stored: Session, session: Session): boolean {
	return (
		stored.subject === session.subject &&
		stored.createdAtMs === session.createdAtMs &&
		stored.absoluteExpiresAtMs === session.absoluteExpiresAtMs &&
		stored.idleTimeoutMs === session.idleTimeoutMs &&
		isSameCredential(stored.credential, session.credential)
	);
}
