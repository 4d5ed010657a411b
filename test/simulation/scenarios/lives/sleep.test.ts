import { describe, expect } from 'vitest';
import { timing } from '../../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from '../story.ts';
import { roundTripMs, untilSealableMs } from '../waits.ts';

describe('an instance that slept until its lease was sealed', () => {
	for (const freezes of [true, false]) {
		const how = freezes ? 'frozen' : 'without requests';

		tell(`it uses a copy that nothing changed (${how})`, async (story) => {
			const [ann, bob] = [await story.login('A'), await story.login('A')];
			if (freezes) story.freeze('A');
			await story.pass(untilSealableMs);
			allowed(await story.authorize('B', bob));
			if (freezes) story.thaw('A');

			expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
			expect(allowed(await story.authorize('A', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
			expect(story.timesSent('read', ann) + story.timesSent('recover', ann)).toBe(0);
		});

		tell(`it does not let in a session whose logout was confirmed everywhere meanwhile (${how})`, async (story) => {
			const ann = await story.login('A');
			if (freezes) story.freeze('A');
			await story.pass(untilSealableMs);
			const loggedOut = expectKind(await story.logout('B', ann, 'everywhere'), 'ended');
			expect(loggedOut).toMatchObject({ everywhere: { confirmed: true } });
			if (freezes) story.thaw('A');

			expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
		});

		tell(`it shows a change that was made meanwhile (${how})`, async (story) => {
			const ann = await story.login('A');
			if (freezes) story.freeze('A');
			await story.pass(untilSealableMs);
			expectKind(await story.update('B', ann, { draft: 'by B' }), 'updated');
			if (freezes) story.thaw('A');

			const { session } = allowed(await story.authorize('A', ann));
			expect(session.attributes['draft']).toMatchObject({ value: 'by B' });
		});
	}

	tell('it finds a logout that was confirmed after it read the feed and before it had a new lease', async (story) => {
		const ann = await story.login('A');
		await story.pass(untilSealableMs);
		allowed(await story.authorize('B', ann));
		const acquire = story.hold('acquire lease');
		const late = story.begin.authorize('A', ann);
		await story.pass(roundTripMs);
		const loggedOut = expectKind(await story.logout('B', ann, 'everywhere'), 'ended');
		expect(loggedOut).toMatchObject({ everywhere: { confirmed: true } });
		acquire();

		expect(outcomeOf(await story.finish(late))).toBe('session_revoked');
	});

	tell('it reads a session again if the feed may have deleted a change of it', async (story) => {
		const ann = await story.login('A');
		await story.pass(timing.feedRetentionMs);

		expect(allowed(await story.authorize('A', ann)).evidence.source).not.toBe('memory');
	});

	tell(
		'it drops every copy if it was frozen before its read of the feed for longer than entries last',
		async (story) => {
			const [ann, bob] = [await story.login('A'), await story.login('A')];

			expectKind(await story.update('B', ann, { draft: 'by B' }), 'updated');
			await story.pass(timing.feedRetentionMs - 3_000);
			const read = story.hold('read feed');
			const late = story.begin.authorize('A', bob);
			await story.pass(roundTripMs);
			story.freeze('A');
			await story.pass(4_000);
			read();
			story.thaw('A');
			await story.finish(late);

			const { session } = allowed(await story.authorize('A', ann));
			expect(session.attributes['draft']).toMatchObject({ value: 'by B' });
		},
	);
});

describe('an adoption', () => {
	tell('by an instance that slept may be one from an owner that slept', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', await story.login('B')));
		await story.pass(untilSealableMs);

		expect(allowed(await story.authorize('B', ann)).evidence).toMatchObject({ source: 'failover', afterSleep: true });
	});

	tell('by an instance that worked all the time follows a failure', async (story) => {
		const [ann, bob] = [await story.login('A'), await story.login('B')];
		for (let ms = 0; ms < 2 * untilSealableMs; ms += 400) {
			allowed(await story.authorize('B', bob, 'vault'));
			await story.pass(400);
		}

		const { evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.source).toBe('failover');
		expect(evidence).not.toHaveProperty('afterSleep');
	});
});

tell(
	'a request after a freeze begins its own sync instead of waiting for the next try of a frozen one',
	async (story) => {
		const ann = await story.login('A');
		await story.pass(timing.maxStalenessMs / 2 + 100);
		story.hold('read feed');
		expect(allowed(await story.authorize('A', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
		story.freeze('A');
		await story.pass(timing.maxStalenessMs / 2);
		story.thaw('A');

		const asked = story.begin.authorize('A', ann);
		await story.pass(roundTripMs);
		expect(asked.answer).toMatchObject({ kind: 'allowed', evidence: { source: 'memory' } });
	},
);
