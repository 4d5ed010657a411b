import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, outcomeOf, tell } from './story.ts';
import { pastTheBoundMs, roundTripMs } from './waits.ts';

describe('an untrusted memory', () => {
	tell(
		'a server whose wall clock was set back does not trust its memory, because its monotonic clock counts',
		async (story) => {
			const ann = await story.login('A');
			await story.logout('B', ann);
			expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
			await story.pass(pastTheBoundMs);
			story.setClock('A', -0.9 * timing.skewMs);

			expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
		},
	);

	tell('a server whose wall clock shows a time before its last sync does not trust its memory', async (story) => {
		const ann = await story.login('A');
		story.setClock('A', -0.9 * timing.skewMs);

		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence.remoteCalls).toBeGreaterThan(0);
	});

	tell(
		'a server whose monotonic clock stopped during a freeze does not trust its memory, because its wall clock counts',
		async (story) => {
			const ann = await story.login('A');
			await story.logout('B', ann);
			expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
			story.freeze('A', 'clockStops');
			await story.pass(pastTheBoundMs);
			story.thaw('A');

			expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
		},
	);

	tell('a request that was under way during a freeze does not trust memory', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('B');
		const read = story.hold(`read ${bob.id}`);
		const request = story.begin.authorize('A', bob);
		await story.pass(roundTripMs);
		expect(story.timesSent('read', bob)).toBe(1);
		read();
		// The message has left A, and no answer has come back yet.
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

tell('a server whose clock is ahead within the skew margin seals no lease that is held', async (story) => {
	const ann = await story.login('A');
	story.setClock('B', 0.9 * timing.skewMs);
	await story.pass(0.99 * timing.leaseDurationMs);

	const { evidence } = allowed(await story.authorize('B', ann));
	expect(evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: { epoch: 1 } });
	expect(story.timesSent('recover', ann)).toBe(0);
});

tell('a freeze shorter than the staleness bound causes no remote call', async (story) => {
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

tell(
	'a login whose server freezes for a minute is unavailable, because its session is no longer new',
	async (story) => {
		const letGo = story.hold('create');
		const login = story.begin.login('A');
		await story.pass(roundTripMs);
		story.freeze('A');
		await story.pass(61_000);
		story.thaw('A');
		letGo();

		expect(await story.finish(login)).toMatchObject({ kind: 'unavailable' });
	},
);
