import { describe, expect } from 'vitest';
import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from './story.ts';

describe('an instance learns from the feed', () => {
	tell('of each of two changes to one session, however soon one follows on the other', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));

		for (const note of ['first', 'second', 'third']) {
			expectKind(await story.update('A', ann, { note }), 'updated');
			const { session } = allowed(await story.authorize('B', ann, 'vault'));
			expect(session.attributes['note']).toMatchObject({ value: note });
		}
		expect(story.asked('read', ann)).toBeGreaterThanOrEqual(4);
	});

	tell('of a change only once: what it reads again, for safety, drops no copy', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		expectKind(await story.update('A', ann, { note: 'new' }), 'updated');
		allowed(await story.authorize('B', ann, 'vault'));
		const reads = story.asked('read', ann);

		for (let request = 0; request < 5; request++) {
			const { evidence } = allowed(await story.authorize('B', ann, 'vault'));
			expect(evidence.source).toBe('memory');
			expect(evidence.remoteCalls).toBeLessThanOrEqual(2); // the feed, and the lease when it is due
			await story.pass(200);
		}
		expect(story.asked('read', ann)).toBe(reads);
	});

	tell('of a logout whose entry appears behind the sync that came just before', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		const announce = story.hold(`announce ${ann.id}`);
		const logout = story.begin.logout('A', ann);
		await story.pass(timing.feedAppendMs / 2);
		expect(logout.answer).toBeUndefined();
		allowed(await story.authorize('B', ann, 'vault'));
		announce();
		expectKind(await story.finish(logout), 'ended');

		expect(outcomeOf(await story.authorize('B', ann, 'vault'))).toBe('session_revoked');
	});

	tell('of a logout whose announcement took longer than readers reach back', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		allowed(await story.authorize('B', ann));
		allowed(await story.authorize('B', bob));
		const announce = story.hold(`announce ${ann.id}`);
		const logout = story.begin.logout('A', ann);
		await story.pass(feedOverlapMs(timing) + 200);
		allowed(await story.authorize('B', bob, 'vault'));
		announce();

		expect(await story.finish(logout)).toMatchObject({ kind: 'ended', complete: true });
		expect(story.asked('announce', ann)).toBe(2);
		await story.pass(timing.maxStalenessMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});
});

tell('a sync that took long counts from its beginning', async (story) => {
	const ann = await story.login('A');
	allowed(await story.authorize('B', ann));
	await story.pass(timing.leaseDurationMs / 3 + 10);
	// The feed has been read, the lease is still to be renewed.
	const renew = story.hold('renew lease');
	const request = story.begin.authorize('B', ann, 'vault');
	await story.pass(50);
	expectKind(await story.logout('A', ann), 'ended');
	await story.pass(0.75 * timing.maxStalenessMs);
	renew();

	// It came before the logout.
	expect(allowed(await story.finish(request)).evidence).toMatchObject({ source: 'memory' });
	await story.pass(0.3 * timing.maxStalenessMs);
	expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
});
