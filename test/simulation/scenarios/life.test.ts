import { describe, expect } from 'vitest';
import { timeouts, timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';

describe('the idle life of a session', () => {
	tell('ends for good, at every server, and no late report revives it', async (story) => {
		const ann = await story.login('A');
		await story.pass(timing.touchIntervalMs + 10);
		const report = story.hold(`touch ${ann.id}`);
		allowed(await story.authorize('A', ann));
		await story.pass(timeouts.idleMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');

		// It tells of a use that was longer ago than a session may be idle.
		report();
		await story.pass(100);
		for (const server of serverNames) {
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_expired_idle');
			expect(outcomeOf(await story.update(server, ann, { note: 'too late' }))).toBe('session_expired_idle');
		}
		await story.deliverAgain(`touch ${ann.id}`);
		expect(outcomeOf(await story.authorize('C', ann))).toBe('session_expired_idle');
		expect(story.stored('dynamodb', ann)?.attributes).toEqual({});
	});

	tell('is not resumed by activity that is reported after its end', async (story) => {
		const ann = await story.login('A');
		await story.pass(timeouts.idleMs / 2);
		await story.view('A', ann);
		await story.pass(timing.copyAgeMs - timeouts.idleMs / 2 + 1_000);
		expect(expectKind(await story.view('A', ann), 'found').evidence.source).toBe('reloaded');
		await story.pass(timeouts.idleMs - timing.copyAgeMs - 2_000);
		// Only A knows of this use.
		story.outage('bus', 'refuses');
		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		await story.pass(100);
		story.back('bus');
		await story.pass(1_200);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');

		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		await story.pass(100);
		expect(story.asked('touch', ann)).toBe(2);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');
		expect(story.stored('dynamodb', ann)?.lastSeenAtMs).toBe(story.stored('dynamodb', ann)?.createdAtMs);
	});

	tell('goes on everywhere when one server sees activity, though the copies elsewhere look expired', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		/** Both servers keep their leases, and what they have in memory. */
		const busy = async (seconds: number) => {
			for (let second = 0; second < seconds; second++) {
				for (const server of ['A', 'B'] as const) allowed(await story.authorize(server, bob));
				await story.pass(1_000);
			}
		};
		await busy(10);
		// Looking at one's session is no use of it.
		expectKind(await story.view('B', ann), 'found');
		await busy(4);
		allowed(await story.authorize('A', ann));
		await busy(10);

		const { session, evidence } = allowed(await story.authorize('B', ann));
		expect(session.lastSeenAtMs).toBeGreaterThan(session.createdAtMs);
		expect(evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: { epoch: 1 } });
		expect(story.asked('read', ann)).toBe(2);
	});

	tell('goes on by activity that one repository missed, before that is repaired', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		/** The owner lives, so that others borrow. */
		const keepOwner = async (seconds: number) => {
			for (let second = 0; second < seconds; second++) {
				allowed(await story.authorize('A', bob));
				await story.pass(1_000);
			}
		};
		story.outage('dynamodb', 'refuses');
		for (let round = 0; round < 4; round++) {
			allowed(await story.authorize('A', ann));
			await keepOwner(4);
		}
		story.back('dynamodb');
		await keepOwner(8);
		// Both buses see that DynamoDB is well again, and ask it first.
		for (let request = 0; request < 10; request++) await story.authorize('C', story.stranger());
		await keepOwner(2);
		const [stale, known] = [story.stored('dynamodb', ann), story.stored('s3', ann)];
		expect(known?.lastSeenAtMs).toBeGreaterThan(stale?.lastSeenAtMs ?? 0);

		expect(allowed(await story.authorize('B', ann)).session.lastSeenAtMs).toBe(known?.lastSeenAtMs);
	});

	tell('lasts as long as requests come, and not longer than the age limit', async (story) => {
		const ann = await story.login('A');
		for (let ageMs = 0; ageMs < timeouts.absoluteMs - 5_000; ageMs += 5_000) {
			for (const server of serverNames) allowed(await story.authorize(server, ann));
			await story.pass(5_000);
		}
		await story.pass(5_000);

		for (const server of serverNames) {
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_expired_absolute');
			expect(outcomeOf(await story.authorize(server, ann, 'vault'))).toBe('session_expired_absolute');
		}
	});
});
