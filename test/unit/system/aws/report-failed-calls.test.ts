import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { reportFailedCalls } from '../../../../functions/system/aws/report-failed-calls.ts';
import type { FailedCall } from '../../../../functions/system/failed-calls.ts';

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

test('a call that succeeds is not reported', async () => {
	const { dynamoDb, reported } = await clientsOf(200, '{}');
	expect(await dynamoDb.send(new GetItemCommand(key))).toMatchObject({});
	expect(reported).toEqual([]);
});
