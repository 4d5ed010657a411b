import { hash } from 'node:crypto';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { sessionItemKey } from '../../functions/repositories/dynamodb/item.ts';
import { decodeRecord } from '../../functions/repositories/record.ts';
import { attributeBytesMax } from '../../functions/session/changes.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { tables } from '../../local/lambda/function-variables.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { largeText } from '../support/large-attributes.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

const names = Array.from({ length: 64 }, (_, index) => `a${index}`);
/** The number of attributes of some 12 kB that fit in the body of one request. */
const perRequest = 5;
const leaseDurationMs = 4_000;

async function open(): Promise<RegionClient> {
	const lease = { LEASEHOLD_LEASE_DURATION_MS: String(leaseDurationMs) };
	const variables = { ...lease, LEASEHOLD_CLIENT_ATTRIBUTES: JSON.stringify(names) };
	const client = await startRegionClient({ sessionServerVariables: variables, busVariables: lease });
	onTestFinished(() => client.region.stop());
	return client;
}

/** Sets attributes of the session, from the first on, to values of so many bytes in total. */
async function grow(client: RegionClient, token: string, bytes: number): Promise<Record<string, string>> {
	const grown: Record<string, string> = {};
	const count = Math.ceil(bytes / 12_288);
	for (let first = 0; first < count; first += perRequest) {
		const some = names.slice(first, Math.min(first + perRequest, count));
		const attributes = Object.fromEntries(some.map((name, index) => [name, largeText(first + index)]));
		const { status } = await client.call('PATCH', '/v1/session', { token, body: { attributes } });
		expect(status).toBe(200);
		Object.assign(grown, attributes);
	}
	return grown;
}

/** Stands for half a megabyte in the message of a failed test. */
function digestOf({ attributes }: Readonly<Record<string, unknown>>): string {
	const inOrder = Object.entries(attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
	return `${inOrder.length} attributes, ${hash('sha256', JSON.stringify(inOrder))}`;
}

async function inDynamoDb({ region }: RegionClient, id: SessionId) {
	const client = new DynamoDBClient({ endpoint: region.endpoints.dynamodb, ...localAccount });
	try {
		const { Item } = await client.send(new GetItemCommand({ TableName: tables.sessionTable, Key: sessionItemKey(id) }));
		return decodeRecord(Item?.['record']?.S ?? Item?.['record']?.B ?? '');
	} finally {
		client.destroy();
	}
}

test('a session grows with each change until a 413 names the limit, and every instance has all of it', async () => {
	const client = await open();
	const token = await client.login();
	const grown = await grow(client, token, 750_000);
	// Such a character has six bytes in JSON.
	const control = '\u0001'.repeat(4_096);
	let last = { status: 200, json: {} as Readonly<Record<string, unknown>> };
	for (let index = 0; index < names.length && last.status === 200; index += 2) {
		const attributes = Object.fromEntries(names.slice(index, index + 2).map((name) => [name, control]));
		last = await client.call('PATCH', '/v1/session', { token, body: { attributes } });
		if (last.status === 200) Object.assign(grown, attributes);
	}
	expect(last.status).toBe(413);
	expect(last.json).toMatchObject({
		code: 'session_too_large',
		expected: `at most ${attributeBytesMax} bytes of attributes in total`,
	});
	for (const target of ['session-server-1', 'session-server-2']) {
		const view = () => client.call('GET', '/v1/session', { token, headers: { 'x-local-target': target } });
		// A copy may be as old as the staleness bound.
		await expect
			.poll(async () => digestOf((await view()).json), { timeout: 10_000 })
			.toBe(digestOf({ attributes: grown }));
	}
});

test('a large session survives its owner, is unavailable without S3, and works without DynamoDB', async () => {
	const client = await open();
	const token = await client.login();
	const grown = await grow(client, token, 600_000);
	const view = () => client.call('GET', '/v1/session', { token });
	// An instance that made an earlier change has a copy from then, for the staleness bound at most.
	await expect
		.poll(async () => digestOf((await view()).json), { timeout: 10_000 })
		.toBe(digestOf({ attributes: grown }));
	const id = (await view()).json['handle'] as SessionId;
	expect(await inDynamoDb(client, id)).toMatchObject({ partial: true, attributes: {} });

	/** Afterwards no instance has a copy of the session, and its owner's lease has expired. */
	async function restart(): Promise<void> {
		const instances = (await client.control('GET', '/instances')) as { name: string; function: string }[];
		for (const { name } of instances.filter((instance) => instance.function === 'session-server'))
			await client.control('POST', `/instances/${name}/kill`, {});
		await new Promise((resolve) => setTimeout(resolve, leaseDurationMs + 1_000));
	}

	await restart();
	const adopted = await client.call('GET', '/v1/session', { token });
	expect(digestOf(adopted.json)).toBe(digestOf({ attributes: grown }));
	expect(adopted.evidence).toMatchObject({ source: 'failover', receipt: { chosen: 's3' } });

	await restart();
	await client.control('PUT', '/services/s3', { fault: 'error' });
	const without = await client.call('GET', '/v1/session', { token });
	expect([without.status, without.json['code']]).toEqual([503, 'unavailable']);
	const changed = await client.call('PATCH', '/v1/session', { token, body: { attributes: { a0: 'small' } } });
	expect([changed.status, changed.json['code']]).toEqual([503, 'unavailable']);

	await client.control('PUT', '/services/s3', { fault: 'none' });
	await client.control('PUT', '/services/dynamodb', { fault: 'error' });
	// For a second, the bus does not ask S3, because its last calls failed.
	const viewWithoutDynamoDb = async () => digestOf((await client.call('GET', '/v1/session', { token })).json);
	await expect.poll(viewWithoutDynamoDb, { timeout: 10_000 }).toBe(digestOf({ attributes: grown }));
}, 60_000);
