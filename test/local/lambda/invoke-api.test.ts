import { InvokeCommand, type InvokeCommandInput, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, onTestFinished, test } from 'vitest';
import type { RegionOptions } from '../../../local/region.ts';
import { localAccount } from '../../../local/system/local-account.ts';
import { startGate } from '../fixtures/gate.ts';
import { obedientRegion } from '../fixtures/local-functions.ts';

async function lambda(options: RegionOptions = {}) {
	const region = await obedientRegion({ instancesAtStart: 0, ...options });
	const client = new LambdaClient({ endpoint: region.endpoints.lambda, maxAttempts: 1, ...localAccount });
	onTestFinished(() => client.destroy());
	const invoke = async (event: unknown, more: Partial<InvokeCommandInput> = {}) => {
		const input = { FunctionName: 'bus', Payload: JSON.stringify(event), ...more };
		const { StatusCode, FunctionError, Payload } = await client.send(new InvokeCommand(input));
		const text = Payload?.transformToString() ?? '';
		return { StatusCode, FunctionError, payload: text === '' ? undefined : JSON.parse(text) };
	};
	const put = (change: object) =>
		fetch(`${region.control}/services/lambda`, { method: 'PUT', body: JSON.stringify(change) });
	return { region, invoke, put };
}

test('a function can be invoked by its name or its ARN', async () => {
	const { invoke } = await lambda();
	const answered = { StatusCode: 200, FunctionError: undefined, payload: { statusCode: 200, body: '{"a":"ä"}' } };
	expect(await invoke({ a: 'ä' })).toMatchObject(answered);
	const FunctionName = 'arn:aws:lambda:us-east-1:000000000000:function:bus';
	expect(await invoke({ a: 'ä' }, { FunctionName })).toMatchObject(answered);
	await expect(invoke({}, { FunctionName: 'nobody' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});

test('a function is told by which alias it was invoked', async () => {
	const { invoke } = await lambda();
	const invokedAs = async (FunctionName: string) =>
		JSON.parse((await invoke({ do: 'context' }, { FunctionName })).payload.body).invokedFunctionArn;
	const arn = 'arn:aws:lambda:us-east-1:000000000000:function:bus';
	expect(await invokedAs('bus')).toBe(arn);
	for (const name of ['bus:authorizer', `${arn}:authorizer`]) expect(await invokedAs(name)).toBe(`${arn}:authorizer`);
});

test('an error of the handler is an answer with a function error', async () => {
	const { invoke } = await lambda();
	expect(await invoke({ do: 'throw' })).toMatchObject({
		StatusCode: 200,
		FunctionError: 'Unhandled',
		payload: { errorType: 'RangeError', errorMessage: 'as I was told', trace: expect.any(Array) },
	});
});

test('an event that is nested too deeply fails, and neither the region nor the instance ends', async () => {
	const { invoke, region } = await lambda();
	const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
	const call = (path: string) =>
		fetch(`${region.endpoints.lambda}/2015-03-31/functions/${path}/invocations`, { method: 'POST', body: deep });
	const failed = await call('bus');
	expect([failed.status, failed.headers.get('x-amz-function-error')]).toEqual([200, 'Unhandled']);
	expect(await failed.json()).toMatchObject({ errorType: 'RangeError' });
	expect((await call('%')).status).toBe(404);
	expect(await invoke({ a: 1 })).toMatchObject({ StatusCode: 200, FunctionError: undefined });
	const instances = (await (await fetch(`${region.control}/instances`)).json()) as { name: string }[];
	expect(instances.map(({ name }) => name)).toContain('bus-1');
});

test('an invocation as an event is accepted before it has ended', async () => {
	const { invoke, region } = await lambda();
	expect(await invoke({ do: 'log', name: 'heard' }, { InvocationType: 'Event' })).toMatchObject({ StatusCode: 202 });
	await expect
		.poll(async () => (await fetch(`${region.control}/logs?since=0`)).json())
		.toMatchObject({ entries: [{ process: 'bus-1', stream: 'stdout', record: { message: 'heard' } }], dropped: 0 });
});

test('simultaneous invocations run in separate instances up to the limit, and are then throttled', async () => {
	const { invoke } = await lambda({ busInstances: 3 });
	const gate = await startGate();
	const busy = Array.from({ length: 3 }, () => invoke(gate.wish));
	await expect.poll(gate.arrivals).toBe(3);
	await expect(invoke({})).rejects.toMatchObject({
		name: 'TooManyRequestsException',
		$metadata: { httpStatusCode: 429 },
	});
	gate.open();
	const answers = await Promise.all(busy);
	expect(new Set(answers.map(({ payload }) => JSON.parse(payload.body).pid)).size).toBe(3);
});

test('faults of the Invoke API look like those of Lambda', async () => {
	const { invoke, put } = await lambda();
	await put({ fault: 'error' });
	await expect(invoke({})).rejects.toMatchObject({ name: 'ServiceException', $metadata: { httpStatusCode: 500 } });
	await put({ fault: 'throttle' });
	await expect(invoke({})).rejects.toMatchObject({ name: 'TooManyRequestsException' });
	await put({ fault: 'reset' });
	await expect(invoke({})).rejects.toMatchObject({ code: 'ECONNRESET' });
	await put({ fault: 'none' });
	expect(await invoke({})).toMatchObject({ StatusCode: 200 });
});

test('a faulty call does not reach the function', async () => {
	const { invoke, put, region } = await lambda();
	await put({ fault: 'error' });
	await expect(invoke({})).rejects.toThrow();
	expect(await (await fetch(`${region.control}/instances`)).json()).toMatchObject([{ name: 'bus-1', invocations: 0 }]);
});
