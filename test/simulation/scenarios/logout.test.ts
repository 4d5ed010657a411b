import { describe, expect } from 'vitest';
import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import { proofWaitMs } from '../../../functions/system/time-budget.ts';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';
import { roundTripMs, untilSealableMs, untilSyncIsRetriedMs, untilTouchIsDueMs } from './waits.ts';

describe('a logout', () => {
	tell('a copy may let a client in after a logout within the staleness bound, but not later', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		allowed(await story.authorize('C', ann));
		expect(expectKind(await story.logout('A', ann), 'ended').complete).toBe(true);

		const stale = allowed(await story.authorize('B', ann));
		expect(stale.evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
		expect(stale.evidence.staleMs).toBeLessThanOrEqual(timing.maxStalenessMs);
		expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');

		await story.pass(timing.maxStalenessMs);
		for (const server of ['B', 'C'] as const)
			expect(await story.authorize(server, ann)).toMatchObject({
				kind: 'refused',
				code: 'session_revoked',
				evidence: { receipt: { chosen: 'dynamodb', degraded: false } },
			});
		expect(outcomeOf(await story.authorize('A', ann))).toBe('session_revoked');
	});

	tell(
		'a busy server learns of a logout within half of the staleness bound, and no request waits for that',
		async (story) => {
			const ann = await story.login('A');
			allowed(await story.authorize('B', ann));
			await story.logout('A', ann);
			await story.pass(timing.maxStalenessMs / 2);

			// This request starts a sync and does not wait for it.
			expect(allowed(await story.authorize('B', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
			await story.pass(roundTripMs);
			expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
		},
	);

	tell('a strict service lets nobody in once the logout is acknowledged', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		const before = allowed(await story.authorize('B', ann, 'vault'));
		expect(before.evidence).toMatchObject({ source: 'memory', remoteCalls: 1 });
		await story.logout('A', ann);

		for (const server of serverNames)
			expect(outcomeOf(await story.authorize(server, ann, 'vault'))).toBe('session_revoked');
	});

	tell('an answer of the bus that a logout overtook is not used and does not enter memory', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		// The first answer is from before the lease, and only the second one enters memory.
		for (const _ of [1, 2]) allowed(await story.authorize('B', bob));
		await story.pass(timing.maxStalenessMs / 2);
		// The repositories have read the record, and their answers are on the way.
		const answers = ['dynamodb', 's3'].map((name) => story.holdAnswer(`load ${ann.id} in ${name}`));
		const request = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		expectKind(await story.logout('A', ann), 'ended');
		allowed(await story.authorize('B', bob, 'vault'));
		for (const answer of answers) answer();

		expect(outcomeOf(await story.finish(request))).toBe('session_revoked');
		expect(story.timesSent('read', ann)).toBe(2);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('a logout during an adoption wins', async (story) => {
		const ann = await story.login('A');
		story.kill('A');
		await story.pass(untilSealableMs);
		const adoption = story.hold(`merge ${ann.id} in dynamodb`);
		// A look reports no activity, so the adoption alone writes.
		expectKind(await story.view('B', ann), 'found');
		await story.pass(roundTripMs);
		expect(story.timesSent('recover', ann)).toBe(2);
		expectKind(await story.logout('C', ann), 'ended');
		adoption();

		await story.pass(timing.maxStalenessMs);
		for (const server of ['B', 'C'] as const)
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
		expect(story.stored('s3', ann)).toEqual(story.stored('dynamodb', ann));
		expect(story.stored('s3', ann)).toMatchObject({ revocation: { reason: 'logout' }, attributes: {} });
	});

	tell('a logout outlives the owner that acknowledged it', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		await story.logout('A', ann);
		story.kill('A');
		await story.pass(untilSealableMs);

		for (const server of ['B', 'C'] as const)
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
		expect(story.stored('dynamodb', ann)?.owner.epoch).toBe(1);
	});

	tell('a client may log out again at any server, and the first logout stays on record', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		await story.logout('A', ann);
		const { revocation } = story.stored('dynamodb', ann) ?? {};
		expect(revocation).toMatchObject({ reason: 'logout' });
		await story.pass(500);

		// A knows that everybody knows.
		expect(outcomeOf(await story.logout('A', ann))).toBe('session_revoked');
		for (const server of ['B', 'C'] as const)
			expect(await story.logout(server, ann)).toMatchObject({ kind: 'ended', complete: true });
		expect(story.stored('dynamodb', ann)?.revocation).toEqual(revocation);
		expect(story.stored('s3', ann)?.revocation).toEqual(revocation);
	});

	tell('a repeated logout counts although the tombstone of the first one is old', async (story) => {
		const [ann, bob] = [await story.login('A'), await story.login('A')];
		// S3 gets the tombstone, and nobody knows that DynamoDB lacks it.
		const services = ['dynamodb', 'queue', 'control'] as const;
		for (const service of services) story.outage(service, 'refuses');
		expectKind(await story.logout('A', ann), 'unavailable');
		for (const service of services) story.endOutage(service);
		await story.pass(timing.copyAgeMs / 2);
		story.outage('s3', 'refuses');
		allowed(await story.authorize('A', ann));
		await story.pass(roundTripMs);
		story.endOutage('s3');
		await story.pass(timing.carriedAgeMs + feedOverlapMs(timing) - timing.skewMs);

		for (const server of ['A', 'B', 'B'] as const) allowed(await story.authorize(server, bob));
		// The report would bring the tombstone to DynamoDB.
		story.hold('touch');
		allowed(await story.authorize('B', ann));
		// This logout brings it there, and cannot announce it.
		story.outage('control', 'refuses');
		expectKind(await story.logout('A', ann), 'unavailable');
		story.endOutage('control');
		await story.pass(untilSyncIsRetriedMs);
		expectKind(await story.logout('C', ann), 'ended');
		await story.pass(timing.maxStalenessMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('a login, a use or a change that arrives late or twice does not revive the session', async (story) => {
		const ann = await story.login('A');
		await story.pass(untilTouchIsDueMs);
		allowed(await story.authorize('A', ann));
		expectKind(await story.update('A', ann, { draft: 'before' }), 'updated');
		const change = story.hold('update');
		const late = story.begin.update('B', ann, { draft: 'late' });
		await story.pass(roundTripMs);
		await story.logout('A', ann);
		const tombstone = story.stored('dynamodb', ann);
		change();
		expect(outcomeOf(await story.finish(late))).toBe('session_revoked');
		for (const message of ['create', `touch ${ann.id}`, `update ${ann.id}`]) await story.deliverAgain(message);

		expect(story.stored('dynamodb', ann)).toEqual(tombstone);
		expect(story.stored('s3', ann)).toEqual(tombstone);
		await story.pass(timing.maxStalenessMs);
		for (const server of serverNames) expect(outcomeOf(await story.view(server, ann))).toBe('session_revoked');
	});
});

describe('a logout confirmed everywhere', () => {
	tell('a confirmed logout waits until every live instance has proved that it synced', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		const before = allowed(await story.authorize('B', ann));
		const logout = story.begin.logout('A', ann, 'everywhere');
		await story.pass(timing.maxStalenessMs / 2);
		expect(story.timesSent('revoke', ann)).toBe(1);
		expect(logout.answer).toBeUndefined();

		let answeredByB = 0;
		for (; logout.answer === undefined && answeredByB < 10; answeredByB++) {
			allowed(await story.authorize('B', bob));
			await story.pass(300);
		}
		const { everywhere } = expectKind(await story.finish(logout), 'ended');
		expect(everywhere).toMatchObject({ confirmed: true, waitingFor: 0 });
		expect(everywhere?.afterMs).toBeGreaterThan(timing.maxStalenessMs / 2);
		expect(everywhere?.afterMs).toBeLessThan(timing.leaseDurationMs);

		// B proved it under its id, so nobody sealed it.
		expect(await story.authorize('B', ann)).toMatchObject({
			code: 'session_revoked',
			evidence: { instanceId: before.evidence.instanceId },
		});
	});

	tell('two instances whose confirmed logouts wait for each other both finish', async (story) => {
		const [ann, bob, cleo] = [await story.login('A'), await story.login('B'), await story.login('A')];
		const before = [await story.authorize('A', cleo), await story.authorize('B', cleo)].map(allowed);
		const [atA, atB] = [story.begin.logout('A', ann, 'everywhere'), story.begin.logout('B', bob, 'everywhere')];
		// An instance that waits gets no request. It gets some once it has answered.
		for (let round = 0; round < 10; round++) {
			await story.pass(300);
			if (atA.answer !== undefined) allowed(await story.authorize('A', cleo));
			if (atB.answer !== undefined) allowed(await story.authorize('B', cleo));
		}
		for (const logout of [atA, atB]) {
			const { everywhere } = expectKind(await story.finish(logout), 'ended');
			expect(everywhere).toMatchObject({ confirmed: true, waitingFor: 0 });
			expect(everywhere?.afterMs).toBeLessThan(timing.leaseDurationMs);
		}

		// No instance was sealed: each keeps its id.
		const after = [await story.authorize('A', cleo), await story.authorize('B', cleo)].map(allowed);
		expect(after.map(({ evidence }) => evidence.instanceId)).toEqual(before.map(({ evidence }) => evidence.instanceId));
	});

	tell(
		'a confirmed logout waits for two seconds, and knows for how long, if its clock is set back meanwhile',
		async (story) => {
			const ann = await story.login('A');
			allowed(await story.authorize('B', ann));
			const logout = story.begin.logout('A', ann, 'everywhere');
			await story.pass(roundTripMs);
			expect(story.timesSent('revoke', ann)).toBe(1);
			expect(logout.answer).toBeUndefined();
			story.setClock('A', -0.9 * timing.skewMs);

			const { everywhere } = expectKind(await story.finish(logout), 'ended');
			expect(everywhere).toMatchObject({ confirmed: false, waitingFor: 1 });
			expect(everywhere?.afterMs).toBeGreaterThanOrEqual(proofWaitMs);
			expect(everywhere?.afterMs).toBeLessThan(proofWaitMs + timing.skewMs);
			await story.pass(untilSealableMs - proofWaitMs);
			expect(await story.logout('A', ann, 'everywhere')).toMatchObject({ everywhere: { confirmed: true } });
		},
	);

	tell('a renewed lease is not a proof while the feed is unread', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		const logout = story.begin.logout('A', ann, 'everywhere');
		await story.pass(timing.maxStalenessMs / 2);
		const readFeed = story.hold('read feed');
		expect(allowed(await story.authorize('B', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
		await story.pass(timing.maxStalenessMs / 4);
		// Its lease has been renewed meanwhile, and it would still let the client in.
		allowed(await story.authorize('B', ann));
		expect(logout.answer).toBeUndefined();
		readFeed();

		expect(await story.finish(logout)).toMatchObject({ everywhere: { confirmed: true } });
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('a confirmed logout seals a silent instance, which then cannot use its memory', async (story) => {
		const ann = await story.login('A');
		const before = allowed(await story.authorize('B', ann));
		story.freeze('B', 'clockStops');

		const first = expectKind(await story.logout('A', ann, 'everywhere'), 'ended');
		expect(first.everywhere).toMatchObject({ confirmed: false, waitingFor: 1 });
		await story.pass(untilSealableMs - proofWaitMs);
		const { everywhere } = expectKind(await story.logout('A', ann, 'everywhere'), 'ended');
		expect(everywhere).toMatchObject({ confirmed: true, waitingFor: 0 });
		// The repetition announced nothing.
		expect(story.timesSent('revoke', ann)).toBe(1);

		story.thaw('B');
		const after = await story.authorize('B', ann);
		expect(outcomeOf(after)).toBe('session_revoked');
		expect(after).not.toMatchObject({ evidence: { instanceId: before.evidence.instanceId } });
	});

	tell('a logout is acknowledged without the confirmation if the leases cannot be read', async (story) => {
		const ann = await story.login('A');
		story.cutOff('A', 'control');

		const { complete, everywhere } = expectKind(await story.logout('A', ann, 'everywhere'), 'ended');
		expect(complete).toBe(true);
		expect(everywhere).toMatchObject({ confirmed: false });
		expect(everywhere).not.toHaveProperty('waitingFor');
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('requests for one session share one wait for the proof', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		expectKind(await story.logout('A', ann), 'ended');
		await story.pass(proofWaitMs);
		const before = story.calls('A');
		const logouts = Array.from({ length: 10 }, () => story.begin.logout('A', ann, 'everywhere'));
		for (const logout of logouts) expect(await story.finish(logout)).toMatchObject({ everywhere: { confirmed: true } });
		// One look four times a second. Each request asked the bus once before.
		expect(story.calls('A') - before).toBeLessThan(30);
	});
});
