import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { protocolVersion } from '../../functions/protocol/version.ts';
import { busName } from '../../local/lambda/function-variables.ts';
import { type Region, startRegion } from '../../local/region.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { exampleProof, exampleSessionId } from '../support/example-session.ts';

const next = { protocol: protocolVersion + 1, oldest: protocolVersion };
let region: Region;
let client: LambdaClient;
beforeAll(async () => {
	region = await startRegion({ instancesAtStart: 0 });
	client = new LambdaClient({ endpoint: region.endpoints.lambda, ...localAccount });
});
afterAll(async () => {
	client.destroy();
	await region.stop();
});

/** The answer of the bus to an envelope. */
async function ask(envelope: object): Promise<unknown> {
	const command = new InvokeCommand({ FunctionName: busName, Payload: JSON.stringify(envelope) });
	const { Payload, FunctionError } = await client.send(command);
	expect(FunctionError).toBeUndefined();
	return JSON.parse(Payload?.transformToString() ?? 'null');
}

test('the bus answers the next version of the session server, which sends more than it knows', async () => {
	const body = {
		operation: 'read',
		sessionId: exampleSessionId(1),
		...exampleProof,
		demand: 'strict',
		hint: { order: 1 },
	};
	expect(await ask({ ...next, body, sent: 1 })).toMatchObject({
		protocol: protocolVersion,
		oldest: expect.any(Number),
		body: { kind: 'absent' },
	});
});

test('the bus answers an operation of the next version with a definite answer that is no outage', async () => {
	expect(await ask({ ...next, body: { operation: 'rotate', sessionId: exampleSessionId(1) } })).toMatchObject({
		body: { kind: 'unsupported', operation: 'rotate' },
	});
});

test('the bus refuses a version that does not understand it, and performs nothing', async () => {
	for (const spoken of [
		{ protocol: protocolVersion + 2, oldest: protocolVersion + 1 },
		{ protocol: 1, oldest: 1 },
	])
		expect(await ask({ ...spoken, body: { operation: 'health' } })).toMatchObject({ body: { kind: 'unavailable' } });
});
