import { expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { withAttributes } from '../../../../functions/session/changes.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { stubOf } from '../../../../functions/session/stub.ts';
import { versionOf } from '../../../../functions/session/version.ts';
import { exampleProof, exampleSession, exampleStamp } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const update = {
	operation: 'update',
	sessionId: session.id,
	...exampleProof,
	changes: { theme: 'dark', cart: 'full' },
	stamp: exampleStamp(5, 0, 'author'),
} as const;

async function open() {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	return services;
}

test('the receipt of a change names every repository that took it', async () => {
	const answer = await (await open()).bus()(update);
	expect(answer).toMatchObject({
		kind: 'found',
		receipt: {
			asked: [
				{ repository: 'dynamodb', outcome: 'stored' },
				{ repository: 's3', outcome: 'stored' },
			],
			chosen: 'dynamodb',
		},
	});
});

test('a change of two attributes is outdated when one of them lost to a newer change', async () => {
	const services = await open();
	const newer = withAttributes(session, { cart: 'empty' }, exampleStamp(9, 0, 'other')) as Session;
	await services.repositories[0]?.merge(session.id, () => newer);
	const answer = await services.bus()(update);
	expect(answer).toMatchObject({
		kind: 'outdated',
		session: { attributes: { theme: { value: 'dark' }, cart: { value: 'empty' } } },
	});
});

test('an outdated change of a session that is too large for DynamoDB changes nothing', async () => {
	const dynamodb = createMemoryRepository('dynamodb', ({ attributes }) => Object.keys(attributes).length === 0);
	const services = createMemoryServices({ repositories: [dynamodb, createMemoryRepository('s3')] });
	const known = withAttributes(session, { theme: 'light' }, exampleStamp(9, 0, 'other')) as Session;
	await services.repositories[1]?.merge(session.id, () => known);
	await dynamodb.merge(session.id, () => stubOf(known), known);
	expect(await services.bus()(update)).toMatchObject({ kind: 'outdated' });
	expect(await services.repositories[1]?.load(session.id)).toEqual({ kind: 'found', session: known });
});

test('when a change of one version makes the session outgrow DynamoDB, DynamoDB keeps a stub', async () => {
	const dynamodb = createMemoryRepository('dynamodb', ({ attributes }) => attributes['cart'] === undefined);
	const services = createMemoryServices({ repositories: [dynamodb, createMemoryRepository('s3')] });
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	const answer = await services.bus()({ ...update, ifVersion: versionOf(session) });
	expect(answer).toMatchObject({ kind: 'found', session: { attributes: { cart: { value: 'full' } } } });
	expect(await dynamodb.load(session.id)).toMatchObject({ session: { partial: true, attributes: {} } });
});

test('a session that outgrows DynamoDB stays there whole while S3 does not take the change that it missed', async () => {
	const dynamodb = createMemoryRepository('dynamodb', ({ attributes }) => attributes['cart'] === undefined);
	const services = createMemoryServices({ repositories: [dynamodb, createMemoryRepository('s3')] });
	const known = withAttributes(session, { theme: 'dark' }, exampleStamp(2)) as Session;
	await dynamodb.merge(session.id, () => known);
	await services.repositories[1]?.merge(session.id, () => session);
	const without = services.bus((call) => (call === 'merge in s3' ? 'fails' : 'done'));
	const change = { ...update, changes: { cart: 'full' }, ifVersion: versionOf(known) };
	expect(await without(change)).toMatchObject({ kind: 'unavailable' });
	expect(await dynamodb.load(session.id)).toEqual({ kind: 'found', session: known });
});
