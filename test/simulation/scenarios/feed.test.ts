import { describe, expect } from 'vitest';
import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from './story.ts';
import { roundTripMs } from './waits.ts';

describe('the feed', () => {
	tell('an instance learns of every change to a session, however soon one follows another', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));

		for (const draft of ['first', 'second', 'third']) {
			expectKind(await story.update('A', ann, { draft }), 'updated');
			const { session } = allowed(await story.authorize('B', ann, 'vault'));
			expect(session.attributes['draft']).toMatchObject({ value: draft });
		}
		expect(story.timesSent('read', ann)).toBeGreaterThanOrEqual(4);
	});

	tell('an entry that an instance reads a second time drops no copy', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');
		allowed(await story.authorize('B', ann, 'vault'));
		const reads = story.timesSent('read', ann);

		for (let request = 0; request < 5; request++) {
			const { evidence } = allowed(await story.authorize('B', ann, 'vault'));
			expect(evidence.source).toBe('memory');
			// A read of the feed, and a renewal when it is due.
			expect(evidence.remoteCalls).toBeLessThanOrEqual(2);
			await story.pass(200);
		}
		expect(story.timesSent('read', ann)).toBe(reads);
	});

	tell('an instance learns of a logout whose entry has an earlier time than the last sync', async (story) => {
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

	tell('a logout whose announcement took longer than readers reach back is announced again', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		allowed(await story.authorize('B', ann));
		allowed(await story.authorize('B', bob));
		const announce = story.hold(`announce ${ann.id}`);
		const logout = story.begin.logout('A', ann);
		await story.pass(1.1 * feedOverlapMs(timing));
		allowed(await story.authorize('B', bob, 'vault'));
		announce();

		expect(await story.finish(logout)).toMatchObject({ kind: 'ended', complete: true });
		expect(story.timesSent('announce', ann)).toBe(2);
		await story.pass(timing.maxStalenessMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});
});

tell('a long sync counts from its beginning', async (story) => {
	const ann = await story.login('A');
	allowed(await story.authorize('B', ann));
	await story.pass(timing.leaseDurationMs / 3 + 10);
	// The feed has been read, the lease is still to be renewed.
	const renew = story.hold('renew lease');
	const request = story.begin.authorize('B', ann, 'vault');
	await story.pass(roundTripMs);
	expectKind(await story.logout('A', ann), 'ended');
	await story.pass(0.75 * timing.maxStalenessMs);
	renew();

	// It came before the logout.
	expect(allowed(await story.finish(request)).evidence).toMatchObject({ source: 'memory' });
	await story.pass(0.3 * timing.maxStalenessMs);
	expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
});
