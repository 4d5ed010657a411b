import { describe, expect, test } from 'vitest';
import { acceptsSecret } from '../../../functions/access/token.ts';
import { idleExpiresAtMs, lifeOf } from '../../../functions/session/lifetime.ts';
import { exampleSecretHash, exampleSession, exampleStartMs } from '../../support/example-session.ts';

describe('the life of a session', () => {
	const session = exampleSession({
		lastSeenAtMs: exampleStartMs + 1_000,
		idleTimeoutMs: 500,
		absoluteExpiresAtMs: exampleStartMs + 2_000,
	});
	const busy = { ...session, lastSeenAtMs: exampleStartMs + 1_900 };
	const revoked = { ...session, revocation: { atMs: exampleStartMs, reason: 'logout' } } as const;

	test.each([
		['is live just before its idle expiry', session, 1_499, 'live'],
		['ends at its idle expiry', session, 1_500, 'expired-idle'],
		['has ended after its idle expiry', session, 1_501, 'expired-idle'],
		['is live just before its age limit', busy, 1_999, 'live'],
		['ends at its age limit, though it is in use', busy, 2_000, 'expired-absolute'],
		['has ended after its age limit', busy, 2_001, 'expired-absolute'],
		['ends by age where it would also be idle', session, 2_000, 'expired-absolute'],
		['is live at a time before it was last seen', session, 0, 'live'],
		['is over once revoked, however young', revoked, 0, 'revoked'],
		['is called revoked rather than idle', revoked, 1_500, 'revoked'],
		['is called revoked rather than too old', revoked, 2_000, 'revoked'],
	] as const)('%s', (_what, of, elapsedMs, life) => {
		expect(lifeOf(of, exampleStartMs + elapsedMs)).toBe(life);
	});

	test('a session expires an idle timeout after its last use', () => {
		expect(idleExpiresAtMs(session)).toBe(exampleStartMs + 1_500);
	});
});

describe('a secret', () => {
	const { credential } = exampleSession();
	const [current, previous, other] = [exampleSecretHash('c'), exampleSecretHash('p'), exampleSecretHash('o')];
	const rotated = { ...credential, secretHash: current, previousSecretHash: previous, graceUntilMs: 1_000 };

	test.each([
		['the current one is accepted', rotated, current, 5_000, true],
		['the previous one is accepted just before the grace ends', rotated, previous, 999, true],
		['the previous one is refused when the grace ends', rotated, previous, 1_000, false],
		['the previous one is refused after the grace', rotated, previous, 1_001, false],
		['any other is refused within the grace', rotated, other, 0, false],
		[
			'the previous one is refused without a grace',
			{ ...credential, previousSecretHash: previous },
			previous,
			0,
			false,
		],
		['there is no previous one before the first rotation', credential, previous, 0, false],
	])('%s', (_what, of, secretHash, nowMs, accepted) => {
		expect(acceptsSecret(of, secretHash, nowMs)).toBe(accepted);
	});
});
