import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';

test('a step that AWS denies has a line that says why, counts, and fails', async () => {
	const server = createServer((request, response) =>
		request.resume().on('end', () => {
			response.writeHead(400, { 'x-amzn-requestid': 'R1' });
			response.end('{"__type":"AccessDeniedException","Message":"not authorized to perform: DescribeSecret"}');
		}),
	);
	await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
	onTestFinished(() => void server.close().closeAllConnections());
	const file = new URL('../../../functions/rotate-keys/handler.ts', import.meta.url);
	const event = { Step: 'createSecret', SecretId: 'keys', ClientRequestToken: 'next' };
	const code = `const { handler } = await import('${file}'); await handler(${JSON.stringify(event)});`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
		stdio: ['ignore', 'pipe', 'ignore'],
		env: {
			AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
			AWS_REGION: 'us-east-1',
			AWS_ACCESS_KEY_ID: 'test',
			AWS_SECRET_ACCESS_KEY: 'test',
			LEASEHOLD_ABSOLUTE_TIMEOUT_MS: '86400000',
			LEASEHOLD_IDLE_TIMEOUT_MS: '3600000',
		},
	});
	const [output, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'close')]);
	const lines = output
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
	expect(lines).toContainEqual(
		expect.objectContaining({ message: 'a call to AWS failed', failure: 'denied', status: 400, awsRequestId: 'R1' }),
	);
	expect(lines).toContainEqual(
		expect.objectContaining({ callee: 'SecretsManager', failure: 'denied', FailedCalls: 1 }),
	);
	expect(exitCode).toBe(1);
});
