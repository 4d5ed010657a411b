import { describe, expect } from 'vitest';
import { timeouts, timing } from '../world/settings.ts';
import { allowed, type Client, expectKind, outcomeOf, type Story, tell } from './story.ts';
import { roundTripMs, untilSealableMs } from './waits.ts';

/** Too soon after the last report for another one. */
const unreportedMs = 0.9 * timing.touchIntervalMs;

async function lastSeenAt(story: Story, server: 'A' | 'B' | 'C', client: Client): Promise<number> {
	return expectKind(await story.view(server, client), 'found').session.lastSeenAtMs;
}

/** Logs in, uses the session, and finds that nobody but A can know of the use. */
async function usedUnreported(story: Story): Promise<{ ann: Client; seenAtMs: number }> {
	const ann = await story.login('A');
	await story.pass(unreportedMs);
	allowed(await story.authorize('A', ann));
	await story.pass(roundTripMs);
	expect(story.timesSent('touch', ann)).toBe(0);
	const seenAtMs = await lastSeenAt(story, 'A', ann);
	expect(seenAtMs).toBeGreaterThan(story.stored('dynamodb', ann)?.lastSeenAtMs ?? 0);
	return { ann, seenAtMs };
}

/** Past the idle life that the repositories know, and within the one that A has told its client. */
async function expectStillIn(story: Story, ann: Client, passedMs: number): Promise<void> {
	await story.pass(timeouts.idleMs - passedMs);
	expect(outcomeOf(await story.authorize('A', ann))).toBe('allowed');
}

describe('activity that only one server knows', () => {
	tell('it is kept when the copy has reached its age', async (story) => {
		const { ann, seenAtMs } = await usedUnreported(story);
		await story.pass(timing.copyAgeMs);
		expect(expectKind(await story.view('A', ann), 'found').evidence.source).toBe('reloaded');
		expect(await lastSeenAt(story, 'A', ann)).toBeGreaterThanOrEqual(seenAtMs);
		await expectStillIn(story, ann, timing.copyAgeMs + 500);
	});

	tell('it is kept when another server changes the session', async (story) => {
		const { ann, seenAtMs } = await usedUnreported(story);
		story.setClock('B', -timing.touchIntervalMs);
		expectKind(await story.update('B', ann, { draft: 'by B' }), 'updated');
		await story.pass(timing.maxStalenessMs + roundTripMs);
		expect(await lastSeenAt(story, 'A', ann)).toBeGreaterThanOrEqual(seenAtMs);
	});

	tell('it is kept when the copy is evicted', async (story) => {
		const { ann, seenAtMs } = await usedUnreported(story);
		for (let count = 0; count < 20; count++) await story.login('A');
		expect(story.copies('A').evictions).toBeGreaterThan(0);
		expect(expectKind(await story.view('A', ann), 'found').evidence.source).toBe('reloaded');
		expect(await lastSeenAt(story, 'A', ann)).toBeGreaterThanOrEqual(seenAtMs);
	});

	tell('it is kept when the lease is sealed and the server begins a new life', async (story) => {
		const { ann, seenAtMs } = await usedUnreported(story);
		await story.pass(untilSealableMs);
		expect(expectKind(await story.view('B', ann), 'found').evidence.source).toBe('failover');
		const { session, evidence } = expectKind(await story.view('A', ann), 'found');
		expect(evidence.source).toBe('memory');
		expect(session.lastSeenAtMs).toBeGreaterThanOrEqual(seenAtMs);
	});

	tell('an adopter stores what it knows together with the new owner', async (story) => {
		const ann = await story.login('A');
		await story.pass(100);
		expectKind(await story.view('B', ann), 'found');
		await story.pass(unreportedMs - 100);
		allowed(await story.authorize('B', ann));
		const seenAtMs = await lastSeenAt(story, 'B', ann);
		expect(story.timesSent('touch', ann)).toBe(0);
		story.kill('A');
		await story.pass(timing.copyAgeMs);
		expect(expectKind(await story.view('B', ann), 'found').evidence.source).toBe('failover');
		await story.pass(roundTripMs);
		for (const name of ['dynamodb', 's3'] as const)
			expect(story.stored(name, ann)?.lastSeenAtMs).toBeGreaterThanOrEqual(seenAtMs);
	});
});

describe('an answer of the bus from before the report of a use', () => {
	tell('it does not set the last use back, though the copy is gone', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		// A syncs for Bob, and keeps its lease.
		for (let passedMs = 0; passedMs <= timing.copyAgeMs; passedMs += 500) {
			await story.pass(500);
			await story.authorize('A', bob);
		}
		const letGo = story.holdAnswer(`read ${ann.id}`);
		const viewed = story.begin.view('A', ann);
		await story.pass(roundTripMs);
		allowed(await story.authorize('A', ann, 'vault'));
		await story.pass(roundTripMs);
		expect(story.timesSent('touch', ann)).toBe(1);
		const seenAtMs = await lastSeenAt(story, 'A', ann);
		for (let count = 0; count < 20; count++) story.begin.login('A');
		await story.pass(roundTripMs);
		expect(story.copies('A').evictions).toBeGreaterThan(0);
		const readsBefore = story.timesSent('read', ann);
		letGo();
		await story.pass(roundTripMs);
		expect(story.timesSent('read', ann)).toBe(readsBefore);
		const { session } = expectKind(await story.finish(viewed), 'found');
		expect(session.lastSeenAtMs).toBeGreaterThanOrEqual(seenAtMs);
	});
});

describe('a change', () => {
	tell('it counts as use, and its own answer never sets the last use back', async (story) => {
		const { ann, seenAtMs } = await usedUnreported(story);
		const { session } = expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');
		expect(session.lastSeenAtMs).toBeGreaterThanOrEqual(seenAtMs);
		for (const name of ['dynamodb', 's3'] as const)
			expect(story.stored(name, ann)?.lastSeenAtMs).toBe(session.lastSeenAtMs);
		expect(story.timesSent('touch', ann)).toBe(0);
		expect(await lastSeenAt(story, 'B', ann)).toBe(session.lastSeenAtMs);
		story.kill('A');
		await story.pass(timeouts.idleMs - 500);
		expect(outcomeOf(await story.authorize('C', ann))).toBe('allowed');
	});
});

describe('a report of activity that the bus did not get', () => {
	tell('it is sent again with the next request of any session', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		await story.pass(timing.touchIntervalMs + roundTripMs);
		story.outage('bus', 'refuses');
		allowed(await story.authorize('A', ann));
		await story.pass(roundTripMs);
		story.endOutage('bus');
		const before = story.stored('dynamodb', ann)?.lastSeenAtMs ?? 0;
		for (let second = 0; second < 10; second++) {
			await story.pass(1_000);
			allowed(await story.authorize('A', bob));
		}
		expect(story.stored('dynamodb', ann)?.lastSeenAtMs).toBeGreaterThan(before);
	});

	tell('it travels with the next read of the session, and is stored', async (story) => {
		const ann = await story.login('A');
		await story.pass(timing.touchIntervalMs + roundTripMs);
		story.outage('bus', 'refuses');
		allowed(await story.authorize('A', ann));
		await story.pass(roundTripMs);
		story.endOutage('bus');
		const seenAtMs = await lastSeenAt(story, 'A', ann);
		const before = story.timesSent('touch', ann);
		await story.pass(timing.copyAgeMs);
		expect(expectKind(await story.view('A', ann), 'found').evidence.source).toBe('reloaded');
		expect(story.timesSent('touch', ann)).toBe(before);
		for (const name of ['dynamodb', 's3'] as const)
			expect(story.stored(name, ann)?.lastSeenAtMs).toBeGreaterThanOrEqual(seenAtMs);
	});
});
