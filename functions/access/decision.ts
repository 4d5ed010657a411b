import { type Life, lifeOf } from '../session/lifetime.ts';
import type { Credential, Session } from '../session/session.ts';
import { assuranceLevelAt } from './assurance.ts';
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
