import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import { createDynamoDbTally } from '../../../functions/repositories/dynamodb/tally.ts';
import { createS3Tally } from '../../../functions/repositories/s3/tally.ts';

const tally = { count: 2, atMs: 1_800_000_000_000 };

/** The configuration of a client that no service answers, and how often it has tried. */
function unanswered() {
	const tries = { count: 0 };
	const handle = async () => {
		tries.count++;
		throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
	};
	const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
	return { tries, config: { region: 'us-east-1', credentials, maxAttempts: 3, requestHandler: { handle } } };
}

test('the tally of DynamoDB is written once, while the client tries other calls again', async () => {
	const { tries, config } = unanswered();
	const client = new DynamoDBClient(config);
	expect(await createDynamoDbTally(client, 'sessions').write(tally, undefined)).toMatchObject({
		kind: 'failed',
		cause: { message: 'socket hang up' },
	});
	expect(tries.count).toBe(1);
	await client.send(new GetItemCommand({ TableName: 'sessions', Key: {} })).catch(() => undefined);
	expect(tries.count).toBe(1 + 3);
});

test('the tally of S3 is written once', async () => {
	const { tries, config } = unanswered();
	expect(await createS3Tally(new S3Client(config), 'sessions').write(tally, undefined)).toMatchObject({
		kind: 'failed',
		cause: { message: 'socket hang up' },
	});
	expect(tries.count).toBe(1);
});
