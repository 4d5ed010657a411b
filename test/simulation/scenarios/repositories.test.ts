import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';
import { roundTripMs, untilAskedAgainMs, untilSealableMs } from './waits.ts';

describe('a repository that missed changes', () => {
	tell('a cold reader sees a change that only S3 has, before and after DynamoDB is repaired', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'in S3 alone' }), 'updated');
		const meanwhile = expectKind(await story.view('B', ann), 'found');
		expect(meanwhile.evidence.receipt).toMatchObject({
			asked: [{ repository: 's3', outcome: 'found' }],
			chosen: 's3',
		});

		story.endOutage('dynamodb');
		expect(story.stored('dynamodb', ann)?.attributes).toEqual({});
		const { session, evidence } = expectKind(await story.view('C', ann), 'found');
		expect(session.attributes['draft']).toMatchObject({ value: 'in S3 alone' });
		expect(evidence.receipt).toMatchObject({
			asked: [
				{ repository: 'dynamodb', outcome: 'found' },
				{ repository: 's3', outcome: 'found' },
			],
			degraded: false,
		});

		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toEqual(story.stored('s3', ann));
		expect(story.stored('dynamodb', ann)?.attributes['draft']).toMatchObject({ value: 'in S3 alone' });
	});

	tell('a repaired repository is believed alone, even if the other one is down', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'in S3 alone' }), 'updated');
		story.endOutage('dynamodb');
		await story.drainRepairs();
		await story.pass(1_000);

		story.outage('s3', 'refuses');
		const { session, evidence } = expectKind(await story.view('B', ann), 'found');
		expect(session.attributes['draft']).toMatchObject({ value: 'in S3 alone' });
		expect(evidence.receipt).toMatchObject({ chosen: 'dynamodb' });
	});

	tell('a logout that only S3 has is acknowledged as incomplete, and stays a logout', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		story.outage('dynamodb', 'refuses');
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: false });

		story.endOutage('dynamodb');
		expect(story.stored('dynamodb', ann)?.revocation).toBeUndefined();
		for (const server of serverNames)
			expect(outcomeOf(await story.authorize(server, ann, 'vault'))).toBe('session_revoked');
		await story.pass(timing.maxStalenessMs);
		for (const server of serverNames) expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');

		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toEqual(story.stored('s3', ann));
		expect(story.stored('dynamodb', ann)?.revocation).toMatchObject({ reason: 'logout' });
		expect(await story.logout('C', ann)).toMatchObject({ kind: 'ended', complete: true });
	});

	tell('a cold reader finds a session that only S3 has, and a repair stores it in DynamoDB', async (story) => {
		story.outage('dynamodb', 'refuses');
		const ann = await story.login('A');
		story.endOutage('dynamodb');
		expect(story.stored('dynamodb', ann)).toBeUndefined();

		const { evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.receipt).toMatchObject({
			asked: expect.arrayContaining([expect.objectContaining({ repository: 's3', outcome: 'found' })]),
			chosen: 's3',
			degraded: false,
		});
		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toEqual(story.stored('s3', ann));
	});

	tell('while S3 is down changes and reads continue, and a repair brings S3 up to date', async (story) => {
		const ann = await story.login('A');
		story.outage('s3', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'in DynamoDB alone' }), 'updated');
		const { session } = allowed(await story.authorize('B', ann));
		expect(session.attributes['draft']).toMatchObject({ value: 'in DynamoDB alone' });

		story.endOutage('s3');
		await story.drainRepairs();
		expect(story.stored('s3', ann)).toEqual(story.stored('dynamodb', ann));
	});

	tell('only the sessions of which DynamoDB missed a change are unavailable while S3 is down', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: false });
		story.endOutage('dynamodb');
		await story.pass(untilAskedAgainMs);
		story.outage('s3', 'refuses');

		expect(outcomeOf(await story.authorize('B', ann))).toBe('unavailable');
		const { evidence } = allowed(await story.authorize('B', bob));
		expect(evidence.receipt).toMatchObject({ chosen: 'dynamodb', degraded: false });

		story.endOutage('s3');
		await story.pass(untilAskedAgainMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
	});

	tell('a doubtful repository is believed alone only for a service that allows degraded answers', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'in S3 alone' }), 'updated');
		story.endOutage('dynamodb');
		await story.pass(untilAskedAgainMs);
		story.outage('s3', 'refuses');

		expect(outcomeOf(await story.authorize('B', ann))).toBe('unavailable');
		const { evidence } = allowed(await story.authorize('B', ann, 'news'));
		expect(evidence.receipt).toMatchObject({ chosen: 'dynamodb', degraded: true, doubtful: true });

		story.endOutage('s3');
		await story.pass(untilAskedAgainMs);
		expect(allowed(await story.authorize('B', ann)).evidence.receipt).not.toHaveProperty('doubtful');
	});

	tell(
		'a logout that DynamoDB missed is seen while the control table is down, because both are asked',
		async (story) => {
			const ann = await story.login('A');
			story.outage('dynamodb', 'refuses');
			expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: false });
			story.endOutage('dynamodb');
			await story.pass(untilAskedAgainMs);
			story.outage('control', 'is silent');
			expect(outcomeOf(await story.authorize('B', ann))).toBe('session_revoked');
		},
	);

	tell('a change that a repository missed is not acknowledged while the control table is down', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		story.outage('control', 'refuses');
		expect(outcomeOf(await story.logout('A', ann))).toBe('unavailable');
		story.endOutage('control');
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: false });
	});

	tell('while DynamoDB and the control table are down, S3 is believed, and both come back', async (story) => {
		const ann = await story.login('A');
		for (const service of ['dynamodb', 'control'] as const) story.outage(service, 'refuses');
		const { evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.receipt).toMatchObject({ chosen: 's3', degraded: true });
		for (const service of ['dynamodb', 'control'] as const) story.endOutage(service);
		await story.pass(untilAskedAgainMs);
		allowed(await story.authorize('C', ann));
	});

	tell('a repository whose repair cannot be done yet is in doubt about that session alone', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: false });
		story.endOutage('dynamodb');
		await story.pass(untilAskedAgainMs);
		expect(story.markedAsMissing(ann)).toEqual(['dynamodb']);
		const receipt = allowed(await story.authorize('B', bob)).evidence.receipt;
		expect(receipt?.asked.map(({ repository }) => repository)).toEqual(['dynamodb']);
		await story.drainRepairs();
		expect(story.markedAsMissing(ann)).toEqual([]);
	});

	tell('a marker that is opened after its repair is settled again once a read has found it', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'in S3 alone' }), 'updated');
		story.endOutage('dynamodb');
		await story.drainRepairs();
		expect(story.markedAsMissing(ann)).toEqual([]);

		await story.deliverAgain(`mark ${ann.id} missed by dynamodb`);
		expect(story.markedAsMissing(ann)).toEqual(['dynamodb']);
		allowed(await story.authorize('B', ann));
		await story.drainRepairs();
		expect(story.markedAsMissing(ann)).toEqual(['dynamodb']);
		await story.pass(60_000);
		expect(outcomeOf(await story.authorize('C', ann, 'vault'))).toBe('session_expired_absolute');
		await story.drainRepairs();
		expect(story.markedAsMissing(ann)).toEqual([]);
	});

	tell('no change is acknowledged if its repair cannot be queued', async (story) => {
		const ann = await story.login('A');
		story.outage('dynamodb', 'refuses');
		story.outage('queue', 'refuses');
		expect(outcomeOf(await story.update('A', ann, { draft: 'not acknowledged' }))).toBe('unavailable');
		expect(outcomeOf(await story.logout('A', ann))).toBe('unavailable');

		story.endOutage('dynamodb');
		await story.pass(untilAskedAgainMs);
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: true });
		expect(story.stored('dynamodb', ann)).toEqual(story.stored('s3', ann));
	});
});

describe('an absent session', () => {
	tell('a session that both repositories do not know is unknown', async (story) => {
		expect(outcomeOf(await story.authorize('A', story.stranger()))).toBe('session_unknown');
	});

	for (const [silent, other] of [
		['s3', 'dynamodb'],
		['dynamodb', 's3'],
	] as const)
		for (const how of ['refuses', 'is silent'] as const)
			tell(`a session that ${other} does not know is unavailable while ${silent} ${how}`, async (story) => {
				const stranger = story.stranger();
				story.outage(silent, how);
				expect(outcomeOf(await story.authorize('A', stranger))).toBe('unavailable');
				expect(outcomeOf(await story.logout('A', stranger))).toBe('unavailable');

				story.endOutage(silent);
				expect(outcomeOf(await story.authorize('A', stranger))).toBe('session_unknown');
			});
});

tell('while both repositories are down, memory is used and everything else is unavailable', async (story) => {
	const ann = await story.login('A');
	story.outage('dynamodb', 'refuses');
	story.outage('s3', 'refuses');

	expect(allowed(await story.authorize('A', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
	expect(outcomeOf(await story.authorize('B', ann))).toBe('unavailable');
	expect(outcomeOf(await story.logout('B', ann))).toBe('unavailable');
	expect((await story.finish(story.begin.login('C'))).kind).toBe('unavailable');

	story.endOutage('dynamodb');
	story.endOutage('s3');
	allowed(await story.authorize('B', ann));
});

for (const silent of ['dynamodb', 's3'] as const)
	tell(
		`while ${silent} is silent, sessions that are not in memory are read from the other repository`,
		async (story) => {
			const ann = await story.login('A');
			story.outage(silent, 'is silent');

			for (const server of ['B', 'C'] as const) {
				const { evidence } = allowed(await story.authorize(server, ann));
				expect(evidence.receipt?.chosen).toBe(silent === 's3' ? 'dynamodb' : 's3');
				expect(evidence.staleMs).toBeLessThan(timing.maxStalenessMs);
			}
		},
	);

for (const down of ['dynamodb', 's3'] as const)
	tell(
		`while ${down} is down and no repair can be queued, a session outlives its owner all the same, and is adopted later`,
		async (story) => {
			const ann = await story.login('A');
			story.kill('A');
			await story.pass(untilSealableMs);
			story.outage(down, 'refuses');
			story.outage('queue', 'refuses');

			const { evidence } = allowed(await story.authorize('B', ann));
			expect(evidence).toMatchObject({ source: 'failover', owner: { epoch: 1 }, lease: { standing: 'sealed' } });

			story.endOutage(down);
			story.endOutage('queue');
			allowed(await story.authorize('C', ann));
			await story.pass(roundTripMs);
			for (const repository of ['dynamodb', 's3'] as const)
				expect(story.stored(repository, ann)?.owner.epoch).toBeGreaterThan(1);
		},
	);
