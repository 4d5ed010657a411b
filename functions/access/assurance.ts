import type { AssuranceLevel, Session } from '../session/session.ts';

/**
 * How long a level of assurance lasts (NIST SP 800-63B-4, sections 2.1.3, 2.2.3 and 2.3.3).
 * `absoluteMs` counts from the authentication, `idleMs` from the last activity. Level 1 has no idle
 * limit, so its two times are the same.
 */
export const assuranceTimes = {
	1: { absoluteMs: 30 * 24 * 3_600_000, idleMs: 30 * 24 * 3_600_000 },
	2: { absoluteMs: 24 * 3_600_000, idleMs: 3_600_000 },
	3: { absoluteMs: 12 * 3_600_000, idleMs: 15 * 60_000 },
} as const satisfies Record<AssuranceLevel, { readonly absoluteMs: number; readonly idleMs: number }>;

/** The part of a credential or an identity that says how much the authentication still counts. */
export interface Authentication {
	readonly assuranceLevel: AssuranceLevel;
	readonly authenticatedAtMs: number;
}

/**
 * The level that an authentication has now. A level counts only within its own time, and is the
 * next lower one after that. Level 1 is never lost.
 */
export function assuranceLevelAt({ assuranceLevel, authenticatedAtMs }: Authentication, nowMs: number): AssuranceLevel {
	const ageMs = nowMs - authenticatedAtMs;
	if (assuranceLevel === 3 && ageMs < assuranceTimes[3].absoluteMs) return 3;
	return assuranceLevel > 1 && ageMs < assuranceTimes[2].absoluteMs ? 2 : 1;
}

/** `session` with the level that it has now, or the same object if that is the recorded one. */
export function withLevelAt(session: Session, nowMs: number): Session {
	const { credential } = session;
	const assuranceLevel = assuranceLevelAt(credential, nowMs);
	if (assuranceLevel === credential.assuranceLevel) return session;
	return Object.freeze({ ...session, credential: Object.freeze({ ...credential, assuranceLevel }) });
}
