import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createDynamoDbRepository } from '../../functions/repositories/dynamodb/repository.ts';
import { createS3Repository } from '../../functions/repositories/s3/repository.ts';
import { createDynamoDbClient } from '../../functions/system/aws/dynamodb-client.ts';
import { createS3Client } from '../../functions/system/aws/s3-client.ts';
import { systemClock } from '../../functions/system/clock.ts';
import { inBatches } from '../../functions/system/in-batches.ts';
import { startEmbeddedDynamoDB } from '../../local/services/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../../local/services/embedded-s3.ts';
import { createServiceConditions, type ServiceConditions } from '../../local/services/faults.ts';
import { listen } from '../../local/system/listen.ts';
import { freshSessionId } from '../support/fresh-ids.ts';

/*
 * Tests production's own clients, which take their endpoint from the environment and have the SDK's
 * retry budget.
 */

const conditions: ServiceConditions = createServiceConditions();
const closing: (() => unknown)[] = [];
beforeAll(async () => {
	const dynamodb = await startEmbeddedDynamoDB({ controlTable: 'control', sessionTable: 'sessions' }, conditions);
	const s3 = await startEmbeddedS3('sessions', conditions);
	closing.push(dynamodb.close, s3.close);
	vi.stubEnv('AWS_REGION', 'us-east-1');
	vi.stubEnv('AWS_ACCESS_KEY_ID', 'nobody');
	vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'nothing');
	vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', dynamodb.url);
	vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
});
afterAll(async () => {
	vi.unstubAllEnvs();
	for (const close of closing) await close();
});

test.each([
	[
		'dynamodb',
		'AWS_ENDPOINT_URL_DYNAMODB',
		() => createDynamoDbRepository(createDynamoDbClient(), 'sessions', systemClock),
	],
	['s3', 'AWS_ENDPOINT_URL_S3', () => createS3Repository(createS3Client(process.env), 'sessions')],
] as const)('an answer of %s that stalls half way is given up', async (_name, variable, open) => {
	const stalling = createServer((_request, response) => {
		response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '100' });
		response.write('{"Item":');
	});
	const { url, close } = await listen(stalling);
	const before = process.env[variable];
	vi.stubEnv(variable, url);
	const loaded = await open().load(freshSessionId());
	vi.stubEnv(variable, before);
	await close();
	expect(loaded).toMatchObject({ kind: 'failed', reason: 'unavailable' });
});

const loads = 150;
/**
 * The SDK's retry budget: each client has 500 tokens. A retry takes 14 of them, and 5 if the
 * service throttles. On a busy machine, some of the throttled calls meet a time limit instead.
 */
const retriesOf = { error: [35, 35], reset: [35, 35], throttle: [36, 100] } as const;

describe.each(['error', 'reset', 'throttle'] as const)('a repository that answers every call with %s', (fault) => {
	test.each([
		['dynamodb', 'GetItem', () => createDynamoDbRepository(createDynamoDbClient(), 'sessions', systemClock)],
		['s3', 'GET', () => createS3Repository(createS3Client(process.env), 'sessions')],
	] as const)('is unavailable in %s, and asked as often as its retry budget allows', async (name, call, open) => {
		const repository = open();
		const before = conditions.report()[name].calls[call] ?? 0;
		conditions.set(name, { fault });
		const ids = Array.from({ length: loads }, freshSessionId);
		// All at once, some would not even connect in time on a busy machine.
		const outcomes = await inBatches(ids, 30, (id) => repository.load(id));
		conditions.set(name, { fault: 'none' });

		expect(outcomes).toEqual(
			Array.from(outcomes, () => expect.objectContaining({ kind: 'failed', reason: 'unavailable' })),
		);
		const calls = (conditions.report()[name].calls[call] ?? 0) - before;
		const [least, most] = retriesOf[fault];
		expect(calls - loads).toBeGreaterThanOrEqual(least);
		expect(calls - loads).toBeLessThanOrEqual(most);
		expect(await repository.load(freshSessionId())).toEqual({ kind: 'absent' });
	});
});
