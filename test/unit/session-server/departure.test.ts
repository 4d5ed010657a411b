import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../local/system/listen.ts';

const lambdaBus = fileURLToPath(new URL('../../../functions/session-server/lambda-bus.ts', import.meta.url));

/** Sends a report to the bus at `url`, and dies at once when it is said to have left. */
const reporter = (url: string) => `
	import { LambdaClient } from '@aws-sdk/client-lambda';
	import { createLambdaBus } from '${lambdaBus}';
	const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
	const client = new LambdaClient({ endpoint: '${url}', region: 'local', credentials });
	const touch = { operation: 'touch', sessionId: 'AAAAAAAAAAAAAAAAAAAAAA', seenAtMs: 1 };
	createLambdaBus(client, 'bus', () => undefined)(touch, 5_000, () => process.kill(process.pid, 'SIGKILL'));
`;

test('a message that is said to have left arrives, even if the process does nothing more', {
	timeout: 30_000,
}, async () => {
	const arrived = Promise.withResolvers<string>();
	const { url, close } = await listen(
		createServer((request) => void text(request).then(arrived.resolve, arrived.reject)),
	);
	onTestFinished(close);
	const ended = Promise.withResolvers<unknown>();
	execFile(process.execPath, ['--input-type=module', '-e', reporter(url)], (error) => ended.resolve(error?.signal));
	expect(await ended.promise).toBe('SIGKILL');
	expect(JSON.parse(await arrived.promise)).toMatchObject({ body: { operation: 'touch', seenAtMs: 1 } });
});
