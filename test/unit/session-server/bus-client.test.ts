import { createServer, type ServerResponse } from 'node:http';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import { createLambdaBus } from '../../../functions/session-server/lambda-bus.ts';
import { callLimits } from '../../../functions/system/aws/call-limits.ts';
import { listen } from '../../../local/system/listen.ts';

test.each([
	['silent', () => undefined],
	[
		'slow to finish its answer',
		(response: ServerResponse) => void response.writeHead(200, { 'content-length': 99 }).write('{'),
	],
])('a bus that is %s is unavailable once the time of its caller has passed', async (_what, answer) => {
	const { url, close } = await listen(createServer((_request, response) => answer(response)));
	onTestFinished(close);
	const client = new LambdaClient({
		...callLimits(5_000),
		endpoint: url,
		region: 'local',
		credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
	});
	const askBus = createLambdaBus(client, 'bus', () => undefined);
	const begun = performance.now();
	expect(await askBus({ operation: 'health' }, 200)).toMatchObject({ kind: 'unavailable' });
	expect(performance.now() - begun).toBeLessThan(2_000);
	expect(await askBus({ operation: 'health' }, -1)).toMatchObject({ kind: 'unavailable' });
});
