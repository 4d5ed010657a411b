import { describe, expect, test } from 'vitest';
import { decide, type Refusal, withLevelAt } from '../../../functions/access/decision.ts';
import type { ServiceRule } from '../../../functions/access/service-catalog.ts';
import type { AssuranceLevel, Credential } from '../../../functions/session/session.ts';
import { exampleSession, exampleStartMs } from '../../support/example-session.ts';

const session = exampleSession({ idleTimeoutMs: 1_000, absoluteExpiresAtMs: exampleStartMs + 10_000 });

function withCredential(differing: Partial<Credential>) {
	return exampleSession({ idleTimeoutMs: 3_600_000, credential: { ...session.credential, ...differing } });
}

function refusalOf(of: typeof session, rule: Omit<ServiceRule, 'name'>, elapsedMs: number): Refusal | undefined {
	const verdict = decide(of, { name: 'service', ...rule }, exampleStartMs + elapsedMs);
	return verdict.allowed ? undefined : verdict.refusal;
}

test('a live session may use a service whose rule has no limits', () => {
	expect(decide(session, { name: 'service' }, exampleStartMs)).toEqual({ allowed: true });
});

describe('a session is refused', () => {
	const seen = { ...session, lastSeenAtMs: exampleStartMs + 9_999 };
	const revoked = { ...session, revocation: { atMs: exampleStartMs, reason: 'logout' } } as const;

	test.each([
		['because it is revoked', revoked, 0, 'session_revoked'],
		['at its idle expiry', session, 1_000, 'session_expired_idle'],
		['not before its idle expiry', session, 999, undefined],
		['at its age limit', seen, 10_000, 'session_expired_absolute'],
		['not before its age limit', seen, 9_999, undefined],
	] as const)('%s', (_what, of, elapsedMs, refusal) => {
		expect(refusalOf(of, {}, elapsedMs)).toBe(refusal);
	});
});

describe('scopes', () => {
	test.each<[string, string[], Omit<ServiceRule, 'name'>, Refusal | undefined]>([
		['one scope of `anyScope` is enough', ['b'], { anyScope: ['a', 'b'] }, undefined],
		['none of `anyScope` is too few', ['c'], { anyScope: ['a', 'b'] }, 'service_forbidden'],
		['a session without scopes has none of `anyScope`', [], { anyScope: ['a'] }, 'service_forbidden'],
		['all scopes of `allScopes` are enough', ['b', 'c', 'a'], { allScopes: ['a', 'b'] }, undefined],
		['some of `allScopes` are too few', ['a'], { allScopes: ['a', 'b'] }, 'service_forbidden'],
		['`anyScope` and `allScopes` must both be met', ['a'], { anyScope: ['a'], allScopes: ['b'] }, 'service_forbidden'],
		['`allScopes` does not replace `anyScope`', ['b'], { anyScope: ['a'], allScopes: ['b'] }, 'service_forbidden'],
		['a part of a scope is not the scope', ['admin:read'], { anyScope: ['admin'] }, 'service_forbidden'],
		['the case of letters matters', ['Admin'], { allScopes: ['admin'] }, 'service_forbidden'],
	])('%s', (_what, scopes, rule, refusal) => {
		expect(refusalOf(withCredential({ scopes }), rule, 0)).toBe(refusal);
	});
});

describe('assurance', () => {
	const levels: AssuranceLevel[] = [1, 2, 3];

	test.each(levels.flatMap((has) => levels.map((asked) => [has, asked] as const)))(
		'of level %i is enough for a service that asks for %i exactly if it is not lower',
		(assuranceLevel, minAssurance) => {
			const refusal = refusalOf(withCredential({ assuranceLevel }), { minAssurance }, 0);
			expect(refusal).toBe(assuranceLevel >= minAssurance ? undefined : 'step_up_required');
		},
	);
});

describe('a level counts only within its own time', () => {
	const hours = 3_600_000;
	const lasting = (assuranceLevel: AssuranceLevel, authenticatedAtMs = exampleStartMs) => ({
		...withCredential({ assuranceLevel, authenticatedAtMs }),
		idleTimeoutMs: 60 * 24 * hours,
		absoluteExpiresAtMs: exampleStartMs + 60 * 24 * hours,
	});

	test.each<[AssuranceLevel, AssuranceLevel, number, Refusal | undefined]>([
		[3, 3, 12 * hours - 1, undefined],
		[3, 3, 12 * hours, 'step_up_required'],
		[3, 2, 12 * hours, undefined],
		[3, 2, 24 * hours, 'step_up_required'],
		[2, 2, 24 * hours - 1, undefined],
		[2, 2, 24 * hours, 'step_up_required'],
		[2, 1, 59 * 24 * hours, undefined],
		[1, 1, 59 * 24 * hours, undefined],
	])('level %i for a service that asks for %i, after %i ms', (has, minAssurance, elapsedMs, refusal) => {
		expect(refusalOf(lasting(has), { minAssurance }, elapsedMs)).toBe(refusal);
		expect(refusalOf(lasting(has), {}, elapsedMs), 'nobody is logged out').toBeUndefined();
	});

	test('which begins with the authentication, and not with the session', () => {
		const authenticatedBefore = lasting(3, exampleStartMs - 11 * hours);
		expect(refusalOf(authenticatedBefore, { minAssurance: 3 }, hours)).toBe('step_up_required');
	});

	test('so a session shows the level that it has now', () => {
		const session = lasting(3);
		expect(withLevelAt(session, exampleStartMs)).toBe(session);
		expect(withLevelAt(session, exampleStartMs + 12 * hours).credential.assuranceLevel).toBe(2);
	});
});

describe('the age of the authentication', () => {
	test('is not known to be below any limit if nobody knows when it was', () => {
		const unknown = withCredential({ authenticationTimeUnknown: true });
		expect(refusalOf(unknown, { maxAuthenticationAgeSeconds: 86_400 }, 0)).toBe('reauthentication_required');
		expect(refusalOf(unknown, {}, 0)).toBeUndefined();
	});

	test.each([
		['is accepted before the limit, which is in seconds', 59_999, undefined],
		['is accepted at the limit', 60_000, undefined],
		['is refused after the limit', 60_001, 'reauthentication_required'],
	])('%s', (_what, elapsedMs, refusal) => {
		expect(refusalOf(withCredential({}), { maxAuthenticationAgeSeconds: 60 }, elapsedMs)).toBe(refusal);
	});

	test('counts from the authentication, not from the creation of the session', () => {
		const steppedUp = withCredential({ authenticatedAtMs: exampleStartMs + 50_000 });
		expect(refusalOf(steppedUp, { maxAuthenticationAgeSeconds: 60 }, 100_000)).toBeUndefined();
	});
});

test('the refusal is the first reason of: revoked, too old, idle, scopes, assurance, authentication', () => {
	const rule = { name: 'service', allScopes: ['a'], minAssurance: 2, maxAuthenticationAgeSeconds: 1 } as const;
	const nowMs = exampleStartMs + 20_000;
	const reasonsGone = [
		{ revocation: undefined },
		{ absoluteExpiresAtMs: nowMs + 1 },
		{ lastSeenAtMs: nowMs },
		{ credential: { ...session.credential, scopes: ['a'] } },
		{ credential: { ...session.credential, scopes: ['a'], assuranceLevel: 2 } },
		{ credential: { ...session.credential, scopes: ['a'], assuranceLevel: 2, authenticatedAtMs: nowMs } },
	] as const;
	let { revocation, ...rest } = exampleSession({
		...session,
		revocation: { atMs: exampleStartMs, reason: 'quota' },
	});
	const verdicts = [decide({ ...rest, ...(revocation && { revocation }) }, rule, nowMs)];
	for (const { ...gone } of reasonsGone) {
		if ('revocation' in gone) revocation = undefined;
		else rest = { ...rest, ...gone };
		verdicts.push(decide({ ...rest, ...(revocation && { revocation }) }, rule, nowMs));
	}
	expect(verdicts.map((verdict) => (verdict.allowed ? 'allowed' : verdict.refusal))).toEqual([
		'session_revoked',
		'session_expired_absolute',
		'session_expired_idle',
		'service_forbidden',
		'step_up_required',
		'reauthentication_required',
		'allowed',
	]);
});
