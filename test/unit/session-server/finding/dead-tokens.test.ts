import { expect, test } from 'vitest';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import { proofWaitMs } from '../../../../functions/system/time-budget.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

/*
 * The token of a session that is over for good costs as little as a forged one: it is refused
 * without a call.
 */

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
const unavailable: Answer = { kind: 'unavailable', reason: 'down', receipt: { asked: [], degraded: true } };
const absent: Answer = { kind: 'absent', receipt: { asked: [], degraded: false } };
const dayMs = 86_400_000;

async function setUp() {
	let calls = 0;
	let answer: Answer | undefined;
	const { server, clock, feed } = createMemoryDeployment([], {
		reach: (bus) => (message) => {
			calls++;
			return answer === undefined ? bus(message) : Promise.resolve(answer);
		},
	});
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	return {
		server,
		clock,
		feed,
		token: loggedIn.token,
		view: () => server.view(loggedIn.token),
		busAnswers: (next: Answer | undefined) => {
			answer = next;
		},
		/** The calls of the bus during `action`. */
		callsOf: async (action: () => Promise<unknown>) => {
			const before = calls;
			await action();
			return calls - before;
		},
	};
}

test('a revoked session is refused without a call, even when nothing else is in memory', async () => {
	const { server, token, view, clock, callsOf } = await setUp();
	await server.logout(token);
	clock.advance(20_000); // The lease has expired.
	expect(await callsOf(view)).toBe(0);
	expect(await view()).toEqual({ kind: 'refused', code: 'session_revoked' });
	expect(await server.authorize(token, 'service')).toEqual({ kind: 'refused', code: 'session_revoked' });
});

test('a repeated logout makes no call and announces nothing', async () => {
	const { server, token, feed, callsOf } = await setUp();
	await server.logout(token);
	const entries = async () => (await feed.read(0, Number.MAX_SAFE_INTEGER)).length;
	const before = await entries();
	expect(await callsOf(() => server.logout(token))).toBe(0);
	expect(await entries()).toBe(before);
});

test('a logout that is to be confirmed looks for the proof, also if the session has ended before', async () => {
	const { server, clock, token } = await setUp();
	await server.logout(token);
	clock.advance(proofWaitMs);
	expect(await server.logout(token, 'everywhere')).toMatchObject({ kind: 'ended', everywhere: { confirmed: true } });
});

test('a logout is tried again until it is announced', async () => {
	const { server, token, busAnswers } = await setUp();
	busAnswers(unavailable);
	expect(await server.logout(token)).toMatchObject({ kind: 'unavailable' });
	busAnswers(undefined);
	expect(await server.logout(token)).toMatchObject({ kind: 'ended', complete: true });
});

test('a session beyond its age limit is refused without a call, at an instance that never had it', async () => {
	const { view, clock, callsOf } = await setUp();
	clock.advance(dayMs + 61_000);
	expect(await callsOf(view)).toBe(0);
	expect(await view()).toEqual({ kind: 'refused', code: 'session_expired_absolute' });
});

test('an age limit that has just passed is remembered, and the refusal ends when the clock is set right', async () => {
	const { view, clock, server, token, callsOf } = await setUp();
	for (let hour = 0; hour < 24; hour++) {
		await server.authorize(token, 'service');
		clock.advance(3_500_000);
	}
	await server.authorize(token, 'service');
	clock.advance(dayMs - 24 * 3_500_000 + 10);
	expect(await view()).toMatchObject({ code: 'session_expired_absolute' });
	expect(await callsOf(view)).toBe(0);
	clock.setWall(clock.now().wallMs - 3_000);
	expect(await view()).toMatchObject({ kind: 'found' });
});

test('a session that every repository lacks is asked for once a minute', async () => {
	const { view, clock, busAnswers, callsOf } = await setUp();
	clock.advance(400_000); // No copy is used for that long.
	busAnswers(absent);
	expect(await callsOf(view)).toBe(1);
	expect(await callsOf(view)).toBe(0);
	expect(await view()).toEqual({ kind: 'refused', code: 'session_unknown' });
	clock.advance(60_000);
	busAnswers(undefined);
	expect(await view()).toMatchObject({ kind: 'found' });
});

test('an outage is never remembered', async () => {
	const { view, clock, busAnswers } = await setUp();
	clock.advance(400_000);
	busAnswers(unavailable);
	expect(await view()).toMatchObject({ kind: 'unavailable' });
	busAnswers(undefined);
	expect(await view()).toMatchObject({ kind: 'found' });
});

test('a session that was not used for too long is asked for each time, because it may be used elsewhere', async () => {
	const { view, clock, callsOf } = await setUp();
	clock.advance(3_600_000);
	expect(await view()).toMatchObject({ code: 'session_expired_idle' });
	expect(await callsOf(view)).toBe(1);
});
