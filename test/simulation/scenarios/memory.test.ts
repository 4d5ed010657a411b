import { describe, expect } from 'vitest';
import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import { copyBytesMax, timing } from '../world/settings.ts';
import { allowed, type Client, expectKind, tell } from './story.ts';
import { pastTheBoundMs, roundTripMs, untilSealableMs } from './waits.ts';

/** After a longer time without a sync, the feed may have dropped entries that were never read. */
const untilGapMs = timing.feedRetentionMs - feedOverlapMs(timing);
const marginMs = 100;

describe('copies in memory', () => {
	tell('copies survive a gap between syncs that is shorter than the retention of the feed', async (story) => {
		const ann = await story.login('A');
		await story.pass(untilGapMs - marginMs);

		const { evidence } = allowed(await story.authorize('A', ann));
		// A read of the feed and a renewal.
		expect(evidence).toMatchObject({ source: 'memory', remoteCalls: 2 });
	});

	tell('all copies are dropped after a gap that is longer than the retention of the feed', async (story) => {
		const ann = await story.login('A');
		await story.login('A');
		expect(story.copies('A').copies).toBe(2);
		await story.pass(untilGapMs + marginMs);

		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence).toMatchObject({ source: 'reloaded', receipt: { chosen: 'dynamodb' } });
		expect(story.copies('A').copies).toBe(1);
	});

	tell('a copy is reloaded when it has reached its age, even if the last sync is recent', async (story) => {
		const ann = await story.login('A');
		for (let ageMs = 0; ageMs <= timing.copyAgeMs - 1_000; ageMs += 500) {
			expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
			await story.pass(500);
		}
		expect(story.timesSent('read', ann)).toBe(0);
		await story.pass(600);

		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence).toMatchObject({ source: 'reloaded', receipt: { chosen: 'dynamodb' } });
		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
	});

	tell('copies make room for others within the budget, and are reloaded when they are needed', async (story) => {
		const clients: Client[] = [];
		for (let count = 0; count < 20; count++) clients.push(await story.login('A'));
		const [first] = clients;
		const last = clients.at(-1);
		if (first === undefined || last === undefined) throw new Error('nobody logged in');
		expect(story.copies('A').evictions).toBeGreaterThan(0);
		expect(story.copies('A').bytes).toBeLessThanOrEqual(copyBytesMax);

		expect(allowed(await story.authorize('A', last)).evidence.source).toBe('memory');
		expect(allowed(await story.authorize('A', first)).evidence.source).toBe('reloaded');
		expect(allowed(await story.authorize('A', first)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
		expect(story.copies('A').bytes).toBeLessThanOrEqual(copyBytesMax);
	});

	tell('a copy is dropped after a change at another server, and the next request sees the change', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');
		await story.pass(timing.maxStalenessMs);

		const { session, evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.source).toBe('borrowed');
		expect(session.attributes['draft']).toMatchObject({ value: 'new' });
	});
});

describe('requests at the same time', () => {
	tell('ten requests at once for one cold session ask the bus once', async (story) => {
		const ann = await story.login('A');
		const requests = Array.from({ length: 10 }, () => story.begin.authorize('B', ann));

		for (const request of requests) {
			const { evidence } = allowed(await story.finish(request));
			expect(evidence).toMatchObject({ source: 'borrowed', receipt: { degraded: false } });
		}
		expect(story.timesSent('read', ann)).toBe(1);
	});

	tell('ten requests at once for a session whose owner failed recover it once', async (story) => {
		const ann = await story.login('A');
		story.kill('A');
		await story.pass(untilSealableMs);
		const requests = Array.from({ length: 10 }, () => story.begin.authorize('B', ann));

		for (const request of requests) {
			const { evidence } = allowed(await story.finish(request));
			expect(evidence).toMatchObject({ source: 'failover', owner: { epoch: 1 } });
		}
		await story.pass(roundTripMs);
		// The one reads the session, and the other one stores the new owner.
		expect(story.timesSent('recover', ann)).toBe(2);
		expect(story.stored('dynamodb', ann)?.owner.epoch).toBe(2);
	});

	tell('a strict request does not share a read that began before it arrived', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', await story.login('A')));
		const read = story.hold(`read ${ann.id}`);
		const early = story.begin.authorize('B', ann, 'vault');
		await story.pass(roundTripMs);
		const late = story.begin.authorize('B', ann, 'vault');
		await story.pass(roundTripMs);
		read();

		allowed(await story.finish(early));
		allowed(await story.finish(late));
		expect(story.timesSent('read', ann)).toBe(2);
	});

	tell('a strict request does not wait for a sync that began before it arrived', async (story) => {
		const ann = await story.login('A');
		const sync = story.hold('read feed');
		const early = story.begin.authorize('A', ann, 'vault');
		await story.pass(roundTripMs);

		const late = allowed(await story.authorize('A', ann, 'vault'));
		expect(late.evidence).toMatchObject({ source: 'memory', remoteCalls: 1 });
		expect(early.answer).toBeUndefined();
		sync();
		expect(allowed(await story.finish(early)).evidence.source).toBe('memory');
	});

	tell('no request waits for a sync that has taken longer than the staleness bound', async (story) => {
		const ann = await story.login('A');
		const sync = story.hold('read feed');
		const early = story.begin.authorize('A', ann, 'vault');
		await story.pass(pastTheBoundMs);

		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		expect(early.answer).toBeUndefined();
		sync();
		allowed(await story.finish(early));
	});

	tell('fifty requests in ten seconds report activity now and then, and none of them waits for that', async (story) => {
		const ann = await story.login('A');
		for (let request = 0; request < 50; request++) {
			const { evidence } = allowed(await story.authorize('A', ann));
			expect(evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
			await story.pass(200);
		}
		const touches = story.timesSent('touch', ann);
		expect(touches).toBeGreaterThan(0);
		expect(touches).toBeLessThanOrEqual(10_000 / timing.touchIntervalMs);
		// There is a sync in every half of the bound, and each renewal is part of a sync.
		expect(story.calls('A')).toBeLessThanOrEqual(50);
	});
});

tell('a server looks once at the lease of each owner and remembers all of them', async (story) => {
	const [ann, bob, cat] = [await story.login('A'), await story.login('C'), await story.login('A')];
	expect(allowed(await story.authorize('B', ann)).evidence.lease).toMatchObject({ remembered: false });
	expect(allowed(await story.authorize('B', bob)).evidence.lease).toMatchObject({ remembered: false });
	expect(allowed(await story.authorize('B', cat)).evidence.lease).toMatchObject({
		standing: 'alive',
		remembered: true,
	});
});
