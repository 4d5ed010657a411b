import { idleExpiresAtMs } from './lifetime.ts';
import type { AssuranceLevel, Session, SessionId } from './session.ts';

/** What a subject may know of each of its sessions: no attributes, no secrets. */
export interface SessionSummary {
	readonly id: SessionId;
	readonly createdAtMs: number;
	readonly lastSeenAtMs: number;
	/** When it ends unless it is used before. */
	readonly idleExpiresAtMs: number;
	readonly absoluteExpiresAtMs: number;
	readonly assuranceLevel: AssuranceLevel;
	readonly authenticatedAtMs: number;
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
	};
}
