import { idleExpiresAtMs } from './lifetime.ts';
import type { AssuranceLevel, Session, SessionId } from './session.ts';

/** The part of a session that its subject may see: no attributes and no secrets. */
export interface SessionSummary {
	readonly id: SessionId;
	readonly createdAtMs: number;
	readonly lastSeenAtMs: number;
	/** When the session ends if it is not used before. */
	readonly idleExpiresAtMs: number;
	readonly absoluteExpiresAtMs: number;
	readonly assuranceLevel: AssuranceLevel;
	readonly authenticatedAtMs: number;
	readonly authenticationTimeUnknown?: true;
}

export function summaryOf(session: Session): SessionSummary {
	const { id, createdAtMs, lastSeenAtMs, absoluteExpiresAtMs, credential } = session;
	return {
		id,
		createdAtMs,
		lastSeenAtMs,
		idleExpiresAtMs: Math.min(idleExpiresAtMs(session), absoluteExpiresAtMs),
		absoluteExpiresAtMs,
		assuranceLevel: credential.assuranceLevel,
		authenticatedAtMs: credential.authenticatedAtMs,
		...(credential.authenticationTimeUnknown && { authenticationTimeUnknown: true }),
	};
}
