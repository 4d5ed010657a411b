import { expect, test } from 'vitest';
import { withUsed } from '../../../../functions/bus/subjects/used-tokens.ts';
import { usedTokensMax } from '../../../../functions/repositories/subject-index.ts';
import { exampleSessionId, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { create, endAll, sessionAt } from '../../../support/subject-client.ts';

const quota = { max: 100, action: 'end-oldest' } as const;
const idToken = { digest: 'd'.repeat(43), expiresAtMs: exampleStartMs + 660_000 };

function setUp() {
	const services = createMemoryServices();
	const buses = [services.bus(), services.bus()] as const;
	const logIn = (session = sessionAt(services.clock.now().wallMs), bus = buses[0]) =>
		bus({ operation: 'create', session, quota, idToken });
	return { ...services, buses, logIn };
}

test('an ID token logs in once, whichever bus is asked', async () => {
	const { logIn, buses, clock } = setUp();
	expect(await logIn()).toMatchObject({ kind: 'found' });
	expect(await logIn(undefined, buses[1])).toEqual({ kind: 'token-used' });
	await endAll(buses[0], clock.now().wallMs);
	expect(await logIn(), 'not even after a logout').toEqual({ kind: 'token-used' });
	expect(await create(buses[0], sessionAt(clock.now().wallMs), quota), 'another token').toMatchObject({
		kind: 'found',
	});
});

test('of logins with one ID token at the same moment, exactly one succeeds', async () => {
	const { logIn, buses } = setUp();
	const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => logIn(undefined, buses[index % 2])));
	expect(answers.filter(({ kind }) => kind === 'found')).toHaveLength(1);
	expect(answers.filter(({ kind }) => kind === 'token-used')).toHaveLength(7);
});

test('a login that is repeated is answered as before', async () => {
	const { logIn, clock } = setUp();
	const session = sessionAt(clock.now().wallMs);
	expect(await logIn(session)).toMatchObject({ kind: 'found' });
	expect(await logIn(session)).toMatchObject({ kind: 'found' });
});

test('a login that tries again after its session was ended may use its ID token again', async () => {
	const { logIn, buses, clock } = setUp();
	const first = sessionAt(clock.now().wallMs);
	expect(await logIn(first)).toMatchObject({ kind: 'found' });
	const session = sessionAt(clock.now().wallMs);
	const again = { operation: 'create', session, quota, idToken: { ...idToken, retryOf: first.id } } as const;
	expect(await buses[1](again)).toMatchObject({ kind: 'found' });
	expect(await logIn(), 'and not a third time').toEqual({ kind: 'token-used' });
});

test('used tokens are remembered while they are accepted, and are bounded', () => {
	const used = Array.from({ length: usedTokensMax }, (_, index) => ({
		digest: String(index),
		sessionId: exampleSessionId(1),
		expiresAtMs: exampleStartMs + index,
	}));
	const token = { digest: 'new', sessionId: exampleSessionId(2), expiresAtMs: exampleStartMs + 1_000_000 };
	const more = withUsed(used, token, exampleStartMs);
	expect(more).toHaveLength(usedTokensMax);
	expect([more[0]?.digest, more.at(-1)?.digest]).toEqual(['1', 'new']);
	expect(withUsed(used, token, exampleStartMs + 120_000)).toEqual([token]);
});

test('tokens that no issuer could have made do not take the place of others for ever', async () => {
	const { buses, clock } = setUp();
	for (let index = 0; index < usedTokensMax; index++)
		await buses[0]({
			operation: 'create',
			session: sessionAt(clock.now().wallMs),
			quota: { max: 1, action: 'end-all' },
			idToken: { digest: String(index).padStart(43, 'x'), expiresAtMs: 8_640_000_000_000_000 },
		});
	clock.advance(26 * 3_600_000);
	const late = { ...idToken, expiresAtMs: clock.now().wallMs + 660_000 };
	const logInLate = () =>
		buses[1]({ operation: 'create', session: sessionAt(clock.now().wallMs), quota, idToken: late });
	expect(await logInLate()).toMatchObject({ kind: 'found' });
	expect(await logInLate()).toEqual({ kind: 'token-used' });
});
