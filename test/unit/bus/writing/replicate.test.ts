import { describe, expect, test } from 'vitest';
import { everySession } from '../../../../functions/control-table/markers.ts';
import type { Message } from '../../../../functions/protocol/messages.ts';
import { repairSession } from '../../../../functions/repair/repair-session.ts';
import { sweepPage } from '../../../../functions/repair/sweep.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { withAttributes, withRevocation } from '../../../../functions/session/changes.ts';
import { exampleProof, exampleSession, exampleStamp, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const sessionId = session.id;
const revocation = { atMs: exampleStartMs, reason: 'logout' } as const;
const writes: readonly Message[] = [
	{ operation: 'touch', sessionId, ...exampleProof, seenAtMs: exampleStartMs + 1_000 },
	{ operation: 'update', sessionId, ...exampleProof, changes: { theme: 'dark' }, stamp: exampleStamp(5) },
	{
		operation: 'revoke',
		sessionId,
		asker: { sessionId, ...exampleProof },
		revocation,
		changeId: 'out',
		proofWanted: false,
	},
];

describe.each(writes)('a write of a session that a repository does not have ($operation)', (write) => {
	test.each(['dynamodb', 's3'])(
		'is unavailable, and not absent, while %s may have it and does not answer',
		async (silent) => {
			const services = createMemoryServices();
			for (const repository of services.repositories)
				if (repository.name === silent) await repository.merge(sessionId, () => session);
			const without = services.bus((call) => (call === `merge in ${silent}` ? 'fails' : 'done'));
			expect(await without(write)).toMatchObject({ kind: 'unavailable' });
			expect(await services.bus()(write)).toMatchObject({ kind: write.operation === 'revoke' ? 'revoked' : 'found' });
		},
	);

	test('is absent when every repository says so', async () => {
		expect(await createMemoryServices().bus()(write)).toMatchObject({
			kind: 'absent',
			receipt: { degraded: false },
		});
	});
});

test.each(writes)(
	'a repository that missed the write ($operation) is doubted only if copies must see the change',
	async (write) => {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(sessionId, () => session);
		const without = services.bus((call) => (call === 'merge in dynamodb' ? 'fails' : 'done'));
		expect(await without(write)).toMatchObject({ receipt: { degraded: true } });
		const open = write.operation === 'touch' ? [] : [{ id: sessionId, missing: 'dynamodb' }];
		expect(services.doubt.markers.listOpen()).toEqual(open);
		expect(services.repairs).toEqual(new Set([sessionId]));
	},
);

test.each(writes)(
	'a write that a repository missed ($operation) is acknowledged without its marker only if readers may miss it',
	async (write) => {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(sessionId, () => session);
		const without = services.bus((call) => (call === 'merge in dynamodb' || call === 'open marker' ? 'fails' : 'done'));
		expect(await without(write)).toMatchObject({ kind: write.operation === 'touch' ? 'found' : 'unavailable' });
		expect(services.repairs).toEqual(new Set([sessionId]));
	},
);

test.each(writes.slice(1))('a marker is open before the change is announced ($operation)', async (write) => {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(sessionId, () => session);
	const calls: string[] = [];
	await services.bus((call) => {
		calls.push(call);
		return call === 'merge in dynamodb' ? 'fails' : 'done';
	})(write);
	expect(calls.indexOf('open marker')).toBeGreaterThan(0);
	expect(calls.indexOf('append')).toBeGreaterThan(calls.indexOf('open marker'));
});

describe.each(writes.slice(0, 2))(
	'a degraded write ($operation) of a session with an earlier missed change',
	(write) => {
		const changed = { ...session, lastSeenAtMs: exampleStartMs + 500 };

		/** S3 has a change that DynamoDB missed, and gets before the given call. */
		async function answerOf(repairedBefore?: string) {
			const services = createMemoryServices();
			const { markers } = services.doubt;
			const [dynamodb, s3] = services.repositories;
			await dynamodb?.merge(sessionId, () => session);
			await s3?.merge(sessionId, () => withRevocation(changed, revocation));
			await markers.open(sessionId, ['dynamodb'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
			let isRepaired = false;
			const bus = services.bus(async (call) => {
				if (call === repairedBefore && !isRepaired) {
					isRepaired = true;
					expect(await repairSession({ ...services, markers }, sessionId)).toEqual({ kind: 'repaired' });
				}
				return call === 'merge in s3' ? 'fails' : 'done';
			});
			return bus(write);
		}

		test('is not acknowledged by the repository that missed it', async () => {
			expect(await answerOf()).toMatchObject({ kind: 'unavailable' });
		});

		test('is made again if a repair comes between the write and the look', async () => {
			expect(await answerOf('look')).toMatchObject({ kind: 'revoked' });
		});
	},
);

test('writes count up the tally of a repository that no read asks, so its set-back is noticed', async () => {
	const dynamodb = createMemoryRepository('dynamodb');
	const s3 = createMemoryRepository('s3');
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	const bus = services.bus();
	const read = { operation: 'read', sessionId, ...exampleProof, demand: 'bounded' } as const;
	const pass = async () => {
		await new Promise((resolve) => setTimeout(resolve, 5));
		services.clock.advance(20_000);
	};
	for (const repository of services.repositories) await repository.merge(sessionId, () => session);
	for (let uses = 0; uses < 3; uses++) {
		await bus({ operation: 'touch', sessionId, ...exampleProof, seenAtMs: services.clock.now().wallMs });
		await pass();
	}
	const setBack = s3.backUp();
	const asker = { sessionId, ...exampleProof };
	await bus({ operation: 'revoke', sessionId, asker, revocation, changeId: 'out', proofWanted: false });
	await pass();
	setBack();
	const withoutDynamodb = services.bus((call) => (call === 'load from dynamodb' ? 'fails' : 'done'));
	expect((await withoutDynamodb(read)).kind).not.toBe('found');
});

test('a degraded write that a repository took just before its sweep ended is made again', async () => {
	const services = createMemoryServices();
	const { markers } = services.doubt;
	const [dynamodb, s3] = services.repositories;
	const changed = withAttributes(session, { cart: 'full' }, exampleStamp(2));
	if (changed === 'outdated') throw new Error('the change is outdated');
	await dynamodb?.merge(sessionId, () => session);
	await s3?.merge(sessionId, () => changed);
	await markers.open(everySession, ['dynamodb'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
	let isSwept = false;
	const bus = services.bus(async (call) => {
		if (call === 'look at every session' && !isSwept) {
			isSwept = true;
			await sweepPage({ ...services, markers }, { missing: 'dynamodb' }, async () => undefined);
		}
		return call === 'merge in s3' ? 'fails' : 'done';
	});
	const answer = await bus({
		operation: 'update',
		sessionId,
		...exampleProof,
		changes: { theme: 'dark' },
		stamp: exampleStamp(5),
	});
	expect(isSwept).toBe(true);
	expect(answer).toMatchObject({ session: { attributes: { cart: { value: 'full' } } } });
});
