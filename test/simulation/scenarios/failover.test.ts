import { describe, expect } from 'vitest';
import { timeouts, timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from './story.ts';
import { roundTripMs, untilSealableMs } from './waits.ts';

describe('a session whose owner is dead', () => {
	tell(
		'other servers borrow a session until the lease of its owner has certainly expired, and then one seals the lease and adopts the session',
		async (story) => {
			const ann = await story.login('A');
			await story.update('A', ann, { draft: 'from A' });
			story.kill('A');

			const borrowed = allowed(await story.authorize('B', ann));
			expect(borrowed.evidence).toMatchObject({
				source: 'borrowed',
				owner: { epoch: 1 },
				lease: { standing: 'alive' },
			});
			expect(borrowed.evidence.lease).not.toHaveProperty('seal');

			await story.pass(timing.leaseDurationMs);
			const inDoubt = allowed(await story.authorize('C', ann));
			expect(inDoubt.evidence).toMatchObject({ source: 'borrowed', owner: { epoch: 1 }, lease: { standing: 'alive' } });
			expect(story.timesSent('recover', ann)).toBe(0);

			await story.pass(timing.skewMs);
			story.restart('A');
			const { session, evidence } = allowed(await story.authorize('A', ann));
			expect(evidence).toMatchObject({
				source: 'failover',
				lease: { instanceId: borrowed.evidence.owner.instanceId, standing: 'sealed', seal: 'now', remembered: false },
				owner: borrowed.evidence.owner,
				receipt: { chosen: 'dynamodb', degraded: false },
				// The lease is read, and sealed, and the bus is asked.
				remoteCalls: 3,
			});
			expect(session.attributes['draft']).toMatchObject({ value: 'from A' });
			expect(story.stored('dynamodb', ann)?.owner).toEqual(borrowed.evidence.owner);

			await story.pass(roundTripMs);
			expect(story.stored('dynamodb', ann)?.owner).toEqual({ epoch: 2, instanceId: evidence.instanceId });
			expect(story.stored('s3', ann)).toEqual(story.stored('dynamodb', ann));
			const warm = allowed(await story.authorize('A', ann));
			const owner = { epoch: 2, instanceId: evidence.instanceId };
			expect(warm.evidence).toMatchObject({ source: 'memory', owner, remoteCalls: 0 });
		},
	);

	tell(
		'a server that comes after the adopter finds the old owner sealed and borrows the session from the new one',
		async (story) => {
			const ann = await story.login('A');
			story.kill('A');
			await story.pass(untilSealableMs);
			const adopted = allowed(await story.authorize('B', ann));
			await story.pass(roundTripMs);

			const { evidence } = allowed(await story.authorize('C', ann));
			expect(story.timesSent('recover', ann)).toBe(3);
			expect(evidence).toMatchObject({
				source: 'borrowed',
				lease: { standing: 'sealed', seal: 'before' },
				owner: { epoch: 2, instanceId: adopted.evidence.instanceId },
			});
		},
	);

	tell('a server that saw a live lease remembers it until it expires, and then looks again', async (story) => {
		const [ann, bob, carol] = [await story.login('A'), await story.login('A'), await story.login('A')];
		expect(allowed(await story.authorize('B', ann)).evidence.lease).toMatchObject({ remembered: false });
		story.kill('A');
		const remembered = allowed(await story.authorize('B', bob));
		expect(remembered.evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive', remembered: true } });
		await story.pass(untilSealableMs);

		const { evidence } = allowed(await story.authorize('B', carol));
		expect(evidence).toMatchObject({ source: 'failover', lease: { seal: 'now', remembered: false } });
	});

	tell('each later owner can fail as well, and its successor has a higher epoch', async (story) => {
		const ann = await story.login('A');
		await story.update('A', ann, { draft: 'kept' });
		const first = allowed(await story.authorize('A', ann));
		const epochs = [first.evidence.owner.epoch];

		for (const [fails, adopts] of [
			['A', 'B'],
			['B', 'C'],
			['C', 'A'],
			['A', 'B'],
		] as const) {
			story.kill(fails);
			await story.pass(untilSealableMs);
			const { session, evidence } = allowed(await story.authorize(adopts, ann));
			expect(evidence.source).toBe('failover');
			expect(session.attributes).toEqual(first.session.attributes);
			await story.pass(roundTripMs);
			const owner = story.stored('dynamodb', ann)?.owner;
			expect(owner?.instanceId).toBe(evidence.instanceId);
			epochs.push(owner?.epoch ?? 0);
			story.restart(fails);
		}
		expect(epochs).toEqual([1, 2, 4, 6, 8]);
	});

	tell('a failover neither prolongs a session nor counts as use', async (story) => {
		const ann = await story.login('A');
		const before = story.stored('dynamodb', ann);
		story.kill('A');
		await story.pass(untilSealableMs);

		const { session, evidence } = expectKind(await story.view('B', ann), 'found');
		expect(evidence.source).toBe('failover');
		expect({ ...session, owner: before?.owner }).toEqual(before);

		await story.pass(timeouts.idleMs - untilSealableMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');
	});
});

tell('an adopter that has dropped its copy reloads its own session, which is not a second failover', async (story) => {
	const ann = await story.login('A');
	story.kill('A');
	await story.pass(untilSealableMs);
	const adopted = allowed(await story.authorize('B', ann));
	expect(adopted.evidence.source).toBe('failover');
	await story.pass(roundTripMs);
	await story.update('C', ann, { draft: 'from C' });
	await story.pass(timing.maxStalenessMs);

	const { evidence } = allowed(await story.authorize('B', ann));
	expect(evidence).toMatchObject({
		source: 'reloaded',
		lease: { standing: 'sealed', remembered: true },
		owner: { epoch: 2, instanceId: adopted.evidence.instanceId },
	});
});

describe('an owner that returns', () => {
	for (const clock of ['clockStops', undefined] as const)
		tell(
			`an owner that was sealed during a freeze${clock ? ' without its clock running' : ''} takes a new instance id, reads the feed back and uses its copies without owning them`,
			async (story) => {
				const ann = await story.login('A');
				const bob = await story.login('A');
				const before = allowed(await story.authorize('A', ann));
				expect(before.evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
				story.freeze('A', clock);
				await story.pass(untilSealableMs);
				const adopted = allowed(await story.authorize('B', ann));
				expect(adopted.evidence.lease).toMatchObject({ instanceId: before.evidence.instanceId, seal: 'now' });
				story.thaw('A');

				const { evidence } = allowed(await story.authorize('A', ann));
				// The feed is read and the lease renewed; a lease is acquired, and the feed read again.
				expect(evidence).toMatchObject({ source: 'memory', owner: before.evidence.owner, remoteCalls: 4 });
				expect(evidence.instanceId).not.toBe(before.evidence.instanceId);
				expect(story.copies('A').copies).toBe(2);
				expect(story.stored('dynamodb', ann)?.owner).toEqual(adopted.evidence.owner);

				const other = allowed(await story.authorize('A', bob));
				expect(other.evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
				expect(story.timesSent('recover', bob)).toBe(0);
			},
		);

	tell('an owner renews its expired lease that nobody sealed, and continues from memory', async (story) => {
		const ann = await story.login('A');
		const before = allowed(await story.authorize('A', ann));
		await story.pass(2 * timing.leaseDurationMs + timing.skewMs);

		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence).toMatchObject({ source: 'memory', instanceId: before.evidence.instanceId, remoteCalls: 2 });
		expect(story.timesSent('read', ann) + story.timesSent('recover', ann)).toBe(0);

		const elsewhere = allowed(await story.authorize('B', ann));
		expect(elsewhere.evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: { epoch: 1 } });
	});

	tell('a sealed owner cannot renew its lease, even if the renewal was sent before the seal', async (story) => {
		const ann = await story.login('A');
		const before = allowed(await story.authorize('A', ann));
		await story.pass(untilSealableMs);
		const renew = story.hold(`renew lease ${before.evidence.instanceId}`);
		const late = story.begin.authorize('A', ann);
		const adopted = allowed(await story.authorize('B', ann));
		renew();

		const { evidence } = allowed(await story.finish(late));
		expect(evidence.source).toBe('memory');
		expect(evidence.instanceId).not.toBe(before.evidence.instanceId);
		expect(story.stored('dynamodb', ann)?.owner).toEqual(adopted.evidence.owner);
	});

	tell('an owner keeps its lease if its renewal arrives just before the seal', async (story) => {
		const ann = await story.login('A');
		const before = allowed(await story.authorize('A', ann));
		await story.pass(untilSealableMs);
		const seal = story.hold(`seal lease ${before.evidence.instanceId}`);
		const attempt = story.begin.authorize('B', ann);
		await story.pass(roundTripMs);
		const renewed = allowed(await story.authorize('A', ann));
		expect(renewed.evidence).toMatchObject({ source: 'memory', instanceId: before.evidence.instanceId });
		seal();

		const { evidence } = allowed(await story.finish(attempt));
		expect(evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: renewed.evidence.owner });
		expect(story.timesSent('recover', ann)).toBe(0);
	});

	tell('a late write of a former owner is merged and takes nothing back', async (story) => {
		const ann = await story.login('A');
		const letGo = story.hold('update');
		const late = story.begin.update('A', ann, { cart: 'from A' });
		await story.pass(1);
		story.freeze('A');
		await story.pass(untilSealableMs);
		const adopted = allowed(await story.authorize('B', ann));
		await story.pass(roundTripMs);
		const owner = story.stored('dynamodb', ann)?.owner;
		expect(owner?.instanceId).toBe(adopted.evidence.instanceId);
		await story.update('B', ann, { draft: 'from B' });
		letGo();
		await story.pass(roundTripMs);
		story.thaw('A');
		expectKind(await story.finish(late), 'updated');

		const { session } = expectKind(await story.view('C', ann), 'found');
		expect(session.attributes).toMatchObject({ cart: { value: 'from A' }, draft: { value: 'from B' } });
		expect(session.owner).toEqual(owner);
		expect(session.lastSeenAtMs).toBeGreaterThanOrEqual(adopted.session.lastSeenAtMs);
	});
});

tell('the late write of a dead owner loses to a later write of its adopter', async (story) => {
	const ann = await story.login('A');
	const letGo = story.hold('update');
	story.begin.update('A', ann, { draft: 'from A' });
	await story.pass(1);
	story.kill('A');
	await story.pass(untilSealableMs);
	const adopted = allowed(await story.authorize('B', ann));
	await story.pass(roundTripMs);
	expectKind(await story.update('B', ann, { draft: 'from B' }), 'updated');
	letGo();
	await story.pass(1_000);

	expect(story.timesSent('update', ann)).toBe(2);
	for (const repository of ['dynamodb', 's3'] as const)
		expect(story.stored(repository, ann)).toMatchObject({
			attributes: { draft: { value: 'from B' } },
			owner: { epoch: 2, instanceId: adopted.evidence.instanceId },
		});
});
