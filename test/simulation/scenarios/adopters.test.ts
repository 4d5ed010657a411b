import { describe, expect } from 'vitest';
import { allowed, type Client, type Story, tell } from './story.ts';
import { roundTripMs, untilSealableMs } from './waits.ts';

/** A session whose owner is dead. Anyone may seal the owner's lease. */
async function orphan(story: Story): Promise<Client> {
	const ann = await story.login('A');
	story.kill('A');
	await story.pass(untilSealableMs);
	return ann;
}

describe('two adopters', () => {
	tell(
		'of two adopters who both found the owner sealed, one owns the session and the other borrows it',
		async (story) => {
			const ann = await orphan(story);
			const firstWrite = story.hold(`merge ${ann.id} in dynamodb`);
			const secondWrite = story.hold(`merge ${ann.id} in dynamodb`);
			const one = story.begin.authorize('B', ann);
			const other = story.begin.authorize('C', ann);
			await story.pass(roundTripMs);
			expect(story.timesSent('recover', ann)).toBe(2);
			firstWrite();
			secondWrite();

			const answers = [allowed(await story.finish(one)), allowed(await story.finish(other))];
			expect(answers.map(({ evidence }) => evidence.source).sort()).toEqual(['borrowed', 'failover']);
			const owner = answers.find(({ evidence }) => evidence.source === 'failover')?.evidence.instanceId;
			for (const { evidence } of answers) expect(evidence.owner).toEqual({ epoch: 2, instanceId: owner });
			// Both found the lease sealed, although only one of them sealed it.
			for (const { evidence } of answers) expect(evidence.lease).toMatchObject({ standing: 'sealed' });
		},
	);

	tell(
		'if two adopters reach different repositories, their epochs differ and the higher one remains',
		async (story) => {
			const ann = await orphan(story);
			const decidedByDynamoDb = story.hold(`merge ${ann.id} in dynamodb`);
			const slow = story.begin.authorize('B', ann);
			await story.pass(roundTripMs);
			story.outage('dynamodb', 'refuses');
			const quick = allowed(await story.authorize('C', ann));
			expect(quick.evidence).toMatchObject({
				source: 'failover',
				owner: { epoch: 3, instanceId: quick.evidence.instanceId },
				receipt: { chosen: 's3', degraded: true },
			});
			story.endOutage('dynamodb');
			decidedByDynamoDb();

			const { evidence } = allowed(await story.finish(slow));
			expect(evidence).toMatchObject({ source: 'borrowed', owner: quick.evidence.owner });
			await story.drainRepairs();
			for (const repository of ['dynamodb', 's3'] as const)
				expect(story.stored(repository, ann)?.owner).toEqual(quick.evidence.owner);
		},
	);

	tell('an adopter whose recovery arrives twice remains the owner in the same epoch', async (story) => {
		const ann = await orphan(story);
		const adopted = allowed(await story.authorize('B', ann));
		const owner = story.stored('dynamodb', ann)?.owner;
		await story.deliverAgain(`recover ${ann.id}`);

		expect(owner).toEqual(adopted.evidence.owner);
		expect(story.stored('dynamodb', ann)?.owner).toEqual(owner);
		expect(story.stored('s3', ann)?.owner).toEqual(owner);
	});
});

tell('an adopter that was sealed before its recovery arrived loses the session to the next adopter', async (story) => {
	const ann = await orphan(story);
	const recover = story.hold(`recover ${ann.id}`);
	story.begin.authorize('B', ann);
	await story.pass(roundTripMs);
	story.kill('B');
	await story.pass(untilSealableMs);
	recover();
	await story.pass(roundTripMs);
	const byTheDead = story.stored('dynamodb', ann)?.owner;
	expect(byTheDead?.epoch).toBe(2);

	const { evidence } = allowed(await story.authorize('C', ann));
	expect(evidence).toMatchObject({ source: 'failover', owner: { epoch: 4, instanceId: evidence.instanceId } });
});
