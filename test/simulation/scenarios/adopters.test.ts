import { describe, expect } from 'vitest';
import { allowed, type Client, expectKind, type Story, tell } from './story.ts';
import { roundTripMs, untilRepositoryHasFailedMs, untilSealableMs } from './waits.ts';

/** A session whose owner is dead. Anyone may seal the owner's lease. */
async function orphan(story: Story): Promise<Client> {
	const ann = await story.login('A');
	story.kill('A');
	await story.pass(untilSealableMs);
	return ann;
}

describe('two adopters', () => {
	tell(
		'two adopters who both found the owner sealed decide with the session, and one of them owns it',
		async (story) => {
			const ann = await orphan(story);
			const firstWrite = story.hold(`merge ${ann.id} in dynamodb`);
			const secondWrite = story.hold(`merge ${ann.id} in dynamodb`);
			const one = story.begin.view('B', ann);
			const other = story.begin.view('C', ann);
			const answers = [expectKind(await story.finish(one), 'found'), expectKind(await story.finish(other), 'found')];
			await story.pass(roundTripMs);
			expect(story.timesSent('recover', ann)).toBe(4);
			// Both found the lease sealed, although only one of them sealed it.
			for (const { evidence } of answers)
				expect(evidence).toMatchObject({ source: 'failover', owner: { epoch: 1 }, lease: { standing: 'sealed' } });
			firstWrite();
			secondWrite();
			await story.pass(roundTripMs);

			const owner = story.stored('dynamodb', ann)?.owner;
			expect(owner?.epoch).toBe(2);
			expect(answers.map(({ evidence }) => evidence.instanceId)).toContain(owner?.instanceId);
			for (const server of ['B', 'C'] as const)
				expect(allowed(await story.authorize(server, ann)).evidence).toMatchObject({ source: 'memory', owner });
		},
	);

	tell(
		'if two adopters reach different repositories, their epochs differ and the higher one remains',
		async (story) => {
			const ann = await orphan(story);
			const decidedByDynamoDb = story.hold(`merge ${ann.id} in dynamodb`);
			// A look reports no activity, so the adoption alone writes.
			expectKind(await story.view('B', ann), 'found');
			await story.pass(roundTripMs);
			story.outage('dynamodb', 'refuses');
			const { evidence } = allowed(await story.authorize('C', ann));
			expect(evidence).toMatchObject({ source: 'failover', receipt: { chosen: 's3', degraded: true } });
			await story.pass(untilRepositoryHasFailedMs);
			const quick = { epoch: 3, instanceId: evidence.instanceId };
			expect(story.stored('s3', ann)?.owner).toEqual(quick);
			story.endOutage('dynamodb');
			decidedByDynamoDb();

			await story.drainRepairs();
			for (const repository of ['dynamodb', 's3'] as const) expect(story.stored(repository, ann)?.owner).toEqual(quick);
		},
	);

	tell('an adopter whose recovery arrives twice remains the owner in the same epoch', async (story) => {
		const ann = await orphan(story);
		const adopted = allowed(await story.authorize('B', ann));
		await story.pass(roundTripMs);
		const owner = story.stored('dynamodb', ann)?.owner;
		await story.deliverAgain(`recover ${ann.id}`);

		expect(owner).toEqual({ epoch: 2, instanceId: adopted.evidence.instanceId });
		expect(story.stored('dynamodb', ann)?.owner).toEqual(owner);
		expect(story.stored('s3', ann)?.owner).toEqual(owner);
	});
});

tell('an adopter that was sealed before its recovery arrived loses the session to the next adopter', async (story) => {
	const ann = await orphan(story);
	const lent = story.hold(`recover ${ann.id}`);
	const recover = story.hold(`recover ${ann.id}`);
	story.begin.authorize('B', ann);
	await story.pass(roundTripMs);
	lent();
	await story.pass(roundTripMs);
	story.kill('B');
	await story.pass(untilSealableMs);
	recover();
	await story.pass(roundTripMs);
	const byTheDead = story.stored('dynamodb', ann)?.owner;
	expect(byTheDead?.epoch).toBe(2);

	const { evidence } = allowed(await story.authorize('C', ann));
	expect(evidence).toMatchObject({ source: 'failover', owner: byTheDead });
	await story.pass(roundTripMs);
	expect(story.stored('dynamodb', ann)?.owner).toEqual({ epoch: 4, instanceId: evidence.instanceId });
});
