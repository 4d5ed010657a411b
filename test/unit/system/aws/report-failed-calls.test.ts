import { createServer } from 'node:http';
import { type AddressInfo, isIPv6, type LookupFunction } from 'node:net';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { reportFailedCalls } from '../../../../functions/system/aws/report-failed-calls.ts';
import { systemClock } from '../../../../functions/system/clock.ts';
import {
	createFailedCalls,
	type FailedCall,
	kindOfFailure,
	nameOfFailure,
} from '../../../../functions/system/failed-calls.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/** Clients of a server that gives this answer to everything, and the calls that they report. */
async function clientsOf(status: number, body: string, headers: Readonly<Record<string, string>> = {}) {
	let requests = 0;
	const server = createServer((request, response) => {
		requests++;
		request.resume().on('end', () => response.writeHead(status, { 'x-amzn-requestid': 'R1', ...headers }).end(body));
	});
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	onTestFinished(() => void server.close().closeAllConnections());
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const reported: FailedCall[] = [];
	const config = { endpoint, region: 'us-east-1', credentials, maxAttempts: 2 };
	return {
		reported,
		requests: () => requests,
		dynamoDb: reportFailedCalls(new DynamoDBClient(config), (call) => void reported.push(call)),
		lambda: reportFailedCalls(new LambdaClient(config), (call) => void reported.push(call)),
		s3: reportFailedCalls(new S3Client({ ...config, forcePathStyle: true }), (call) => void reported.push(call)),
	};
}

const key = { TableName: 'sessions', Key: { pk: { S: '1' } } };

test('a call that fails is reported once, after its tries, with the error that the caller gets', async () => {
	const { dynamoDb, reported, requests } = await clientsOf(500, '{"__type":"InternalServerError"}');
	const error = await dynamoDb.send(new GetItemCommand(key)).catch((caught: unknown) => caught);
	expect(requests()).toBe(2);
	expect(reported).toEqual([{ callee: 'DynamoDB', operation: 'GetItem', error }]);
	expect(error).toMatchObject({ $metadata: { requestId: 'R1', httpStatusCode: 500, attempts: 2 } });
});

test('a right that is missing is reported', async () => {
	const { s3, reported } = await clientsOf(403, '<Error><Code>AccessDenied</Code><Message>no</Message></Error>');
	await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toThrow();
	expect(reported).toMatchObject([{ callee: 'S3', operation: 'GetObject', error: { name: 'AccessDenied' } }]);
});

test('a condition that does not hold and an object that does not exist are no failures', async () => {
	const refused = await clientsOf(400, '{"__type":"ConditionalCheckFailedException"}');
	const put = new PutItemCommand({ TableName: 'sessions', Item: { pk: { S: '1' } } });
	await expect(refused.dynamoDb.send(put)).rejects.toThrow();
	const none = await clientsOf(404, '<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
	await expect(none.s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toThrow();
	expect([...refused.reported, ...none.reported]).toEqual([]);
});

test.each([
	['{"errorType":"Sandbox.Timedout","errorMessage":"a secret"}', 'Unhandled Sandbox.Timedout'],
	['{"errorType":"a secret"}', 'Unhandled'],
	['', 'Unhandled'],
])('a function that failed with %s is reported as %s, without what it says', async (body, name) => {
	const { lambda, reported, requests } = await clientsOf(200, body, { 'x-amz-function-error': 'Unhandled' });
	const invoked = await lambda.send(new InvokeCommand({ FunctionName: 'bus' }));
	expect(invoked.Payload?.transformToString() ?? '').toBe(body);
	expect(requests()).toBe(1);
	expect(reported).toMatchObject([
		{ callee: 'Lambda', operation: 'Invoke', error: { name, $metadata: { requestId: 'R1' } } },
	]);
	expect(JSON.stringify(reported)).not.toContain('secret');
});

test('a connection that is reset is reported as such, although the SDK calls it a timeout', async () => {
	const server = createServer((request) => void request.socket.resetAndDestroy());
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	onTestFinished(() => void server.close().closeAllConnections());
	const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const reported: FailedCall[] = [];
	const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
	const dynamoDb = reportFailedCalls(client, (call) => void reported.push(call));
	await expect(dynamoDb.send(new GetItemCommand(key))).rejects.toThrow();
	expect(reported.map(({ error }) => [nameOfFailure(error), kindOfFailure(error)])).toEqual([
		['ECONNRESET', 'unreachable'],
	]);
});

test.each([
	['::1', '127.0.0.1'],
	['127.0.0.1', '127.0.0.2'],
])('connections that all of %s and %s refuse are reported as refused', async (...addresses) => {
	const reported: FailedCall[] = [];
	const lookup: LookupFunction = (_, __, answer) =>
		answer(
			null,
			addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
		);
	// Nothing listens at the discard port.
	const client = new DynamoDBClient({
		endpoint: 'http://stores.invalid:9',
		region: 'us-east-1',
		credentials,
		maxAttempts: 1,
		requestHandler: { httpAgent: { lookup } },
	});
	const dynamoDb = reportFailedCalls(client, (call) => void reported.push(call));
	await expect(dynamoDb.send(new GetItemCommand(key))).rejects.toThrow();
	expect(reported.map(({ error }) => [nameOfFailure(error), kindOfFailure(error)])).toEqual([
		['ECONNREFUSED', 'unreachable'],
	]);
});

test('an answer that cannot be read is reported without what it says', async () => {
	const { dynamoDb, reported } = await clientsOf(200, '{"Item":{"a":{"S":hunter2}}}');
	await expect(dynamoDb.send(new GetItemCommand(key))).rejects.toThrow();
	const lines: unknown[] = [];
	const report = createFailedCalls((...line) => void lines.push(line), { add: () => undefined }, systemClock);
	for (const call of reported) report(call);
	expect(lines).toHaveLength(1);
	expect(JSON.stringify(lines)).not.toContain('hunter');
});

test('a call that succeeds is not reported', async () => {
	const { dynamoDb, reported } = await clientsOf(200, '{}');
	expect(await dynamoDb.send(new GetItemCommand(key))).toMatchObject({});
	expect(reported).toEqual([]);
});
