import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from './story.ts';
import { pastTheBoundMs, roundTripMs } from './waits.ts';

/* Loads that began before the instance could learn of changes. */

describe('a load from before the lease', () => {
	tell('does not enter memory, because a confirmed logout does not wait for its instance', async (story) => {
		const ann = await story.login('A');
		const acquisition = story.hold('acquire lease');
		const answer = story.holdAnswer(`read ${ann.id}`);
		const early = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		const { everywhere } = expectKind(await story.logout('A', ann, 'everywhere'), 'ended');
		expect(everywhere).toMatchObject({ confirmed: true });
		acquisition();
		await story.pass(roundTripMs);
		answer();
		// This request was under way during the logout.
		await story.finish(early);

		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('is not joined once the instance has its lease', async (story) => {
		const ann = await story.login('A');
		const acquisition = story.hold('acquire lease');
		const answer = story.holdAnswer(`read ${ann.id}`);
		const early = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		expect(await story.logout('A', ann, 'everywhere')).toMatchObject({ everywhere: { confirmed: true } });
		acquisition();
		await story.pass(roundTripMs);
		const late = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		answer();
		await story.finish(early);

		expect(outcomeOf(await story.finish(late))).toBe('session_revoked');
	});
});

tell('a change from before the lease does not enter memory of its author', async (story) => {
	const ann = await story.login('A');
	const acquisition = story.hold('acquire lease');
	expectKind(await story.update('B', ann, { draft: 'new' }), 'updated');
	const { everywhere } = expectKind(await story.logout('A', ann, 'everywhere'), 'ended');
	expect(everywhere).toMatchObject({ confirmed: true });
	acquisition();
	await story.pass(roundTripMs);

	expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
});

describe('a load from before the first sync', () => {
	tell('does not enter memory, and a refusal makes no older copy usable', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		story.outage('control', 'refuses');
		// Its first sync fails, and the next request starts none.
		allowed(await story.authorize('B', bob));
		await story.pass(roundTripMs);
		const answer = story.holdAnswer(`read ${ann.id}`);
		const early = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		story.endOutage('control');
		expectKind(await story.logout('A', ann), 'ended');
		await story.pass(pastTheBoundMs + 2 * roundTripMs);
		allowed(await story.authorize('B', bob));
		await story.pass(roundTripMs);
		answer();

		expect(outcomeOf(await story.finish(early))).toBe('session_revoked');
		for (let waitedMs = 0; waitedMs < 3 * timing.maxStalenessMs; waitedMs += 1_000) {
			expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
			expect(outcomeOf(await story.authorize('B', ann, 'vault'))).toBe('session_revoked');
			await story.pass(1_000);
		}
	});

	tell('does not enter memory if the first sync is soon after the logout', async (story) => {
		const [ann, bob] = [await story.login('A'), await story.login('A')];
		story.outage('control', 'refuses');
		allowed(await story.authorize('B', bob));
		await story.pass(roundTripMs);
		const answer = story.holdAnswer(`read ${ann.id}`);
		const early = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		story.endOutage('control');
		expectKind(await story.logout('A', ann), 'ended');
		await story.pass(timing.maxStalenessMs - 4 * roundTripMs);
		allowed(await story.authorize('B', bob));
		answer();
		allowed(await story.finish(early));
		await story.pass(5 * roundTripMs);

		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});
});

tell('a load that a refusal overtakes does not enter memory, though the end is not announced yet', async (story) => {
	const ann = await story.login('A');
	const bob = await story.login('A');
	// The first request of a life begins before its lease.
	for (let request = 0; request < 2; request++) allowed(await story.authorize('B', bob));
	const answer = story.holdAnswer(`read ${ann.id}`);
	const early = story.begin.authorize('B', ann);
	await story.pass(roundTripMs);
	const announcement = story.hold(`announce ${ann.id}`);
	const logout = story.begin.logout('A', ann);
	await story.pass(roundTripMs);
	expect(outcomeOf(await story.authorize('B', ann, 'vault'))).toBe('session_revoked');
	answer();

	expect(outcomeOf(await story.finish(early))).toBe('session_revoked');
	expect(story.copies('B').copies).toBe(1);
	announcement();
	expectKind(await story.finish(logout), 'ended');
});
