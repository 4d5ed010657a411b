import { type Life, lifeOf } from '../session/lifetime.ts';
import type { AssuranceLevel, Credential, Session } from '../session/session.ts';
import type { ServiceRule } from './service-catalog.ts';

/** Why a session may not use a service. Each is also the stable code of a problem in the API. */
export type Refusal =
	| 'session_revoked'
	| 'session_expired_idle'
	| 'session_expired_absolute'
	| 'service_forbidden'
	| 'step_up_required'
	| 'reauthentication_required';

export type Verdict = { readonly allowed: true } | { readonly allowed: false; readonly refusal: Refusal };

/**
 * Whether `session` may use the service with `rule` now. The session's own state counts first, then
 * the rule.
 */
export function decide(session: Session, rule: ServiceRule, nowMs: number): Verdict {
	const refusal = refusalOfLife(lifeOf(session, nowMs)) ?? refusalOfRule(session, rule, nowMs);
	return refusal === undefined ? allowed : { allowed: false, refusal };
}

const allowed: Verdict = Object.freeze({ allowed: true });

export function refusalOfLife(life: Life): Refusal | undefined {
	switch (life) {
		case 'live':
			return undefined;
		case 'revoked':
			return 'session_revoked';
		case 'expired-idle':
			return 'session_expired_idle';
		case 'expired-absolute':
			return 'session_expired_absolute';
	}
}

/** Scopes come first: if a scope is missing, another authentication does not help the subject. */
function refusalOfRule(session: Session, rule: ServiceRule, nowMs: number): Refusal | undefined {
	const { credential } = session;
	const { scopes } = credential;
	if (rule.anyScope !== undefined && !rule.anyScope.some((scope) => scopes.includes(scope))) return 'service_forbidden';
	if (rule.allScopes !== undefined && !rule.allScopes.every((scope) => scopes.includes(scope)))
		return 'service_forbidden';
	if (rule.minAssurance !== undefined && assuranceLevelAt(credential, nowMs) < rule.minAssurance)
		return 'step_up_required';
	if (!isAuthenticatedWithin(credential, rule.maxAuthenticationAgeSeconds, nowMs)) return 'reauthentication_required';
	return undefined;
}

/**
 * Whether the subject proved their identity within the last `maxSeconds`. If nobody knows when they
 * did, the answer is no. Without `maxSeconds`, there is no limit.
 */
export function isAuthenticatedWithin(credential: Credential, maxSeconds: number | undefined, nowMs: number): boolean {
	if (maxSeconds === undefined) return true;
	return !credential.authenticationTimeUnknown && nowMs - credential.authenticatedAtMs <= maxSeconds * 1000;
}

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
