import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, outcomeOf, tell } from './story.ts';

/** Long enough for memory not to be trusted, short enough for the lease not to be sealed. */
const pastTheBoundMs = timing.maxStalenessMs + 50;

describe('memory is not trusted', () => {
	tell('by a server whose wall clock was set back: its monotonic clock counts', async (story) => {
		const ann = await story.login('A');
		await story.logout('B', ann);
		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		await story.pass(pastTheBoundMs);
		story.setClock('A', -0.9 * timing.skewMs);

		expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
	});

	tell('by a server whose wall clock now shows a time before the last sync', async (story) => {
		const ann = await story.login('A');
		story.setClock('A', -0.9 * timing.skewMs);

		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence.remoteCalls).toBeGreaterThan(0);
	});

	tell('after a freeze in which the monotonic clock stood still: the wall clock counts', async (story) => {
		const ann = await story.login('A');
		await story.logout('B', ann);
		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		story.freeze('A', 'clockStops');
		await story.pass(pastTheBoundMs);
		story.thaw('A');

		expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
	});

	tell('by a request that was under way during the freeze', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('B');
		const read = story.hold(`read ${bob.id}`);
		const request = story.begin.authorize('A', bob);
		await story.pass(50);
		expect(story.asked('read', bob)).toBe(1);
		read();
		await story.pass(10);
		story.freeze('A', 'clockStops');
		await story.logout('B', bob);
		await story.logout('B', ann);
		await story.pass(pastTheBoundMs);
		story.thaw('A');

		expect(outcomeOf(await story.finish(request))).toBe('session_revoked');
		expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
	});
});

tell('a clock within the skew margin makes nobody seal a lease that is held', async (story) => {
	const ann = await story.login('A');
	story.setClock('B', 0.9 * timing.skewMs);
	await story.pass(timing.leaseDurationMs - 10);

	const { evidence } = allowed(await story.authorize('B', ann));
	expect(evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: { epoch: 1 } });
	expect(story.asked('recover', ann)).toBe(0);
});

tell('a freeze shorter than the staleness bound costs nothing', async (story) => {
	const ann = await story.login('A');
	const before = allowed(await story.authorize('A', ann));
	story.freeze('A', 'clockStops');
	const request = story.begin.authorize('A', ann);
	await story.pass(timing.maxStalenessMs / 2);
	expect(request.answer).toBeUndefined();
	story.thaw('A');

	const { evidence } = allowed(await story.finish(request));
	expect(evidence).toMatchObject({ source: 'memory', instanceId: before.evidence.instanceId, remoteCalls: 0 });
});
