import { InvokeCommand, LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { envelopeOf } from '../../../functions/protocol/envelope.ts';
import { createLambdaBus } from '../../../functions/session-server/lambda-bus.ts';
import { exampleProof, exampleSession } from '../../support/example-session.ts';

const lambda = mockClient(LambdaClient);
// Files of unit tests share their modules.
afterAll(() => lambda.restore());
const { id } = exampleSession();
const absent = { kind: 'absent', receipt: { asked: [], degraded: false } } as const;
const payload = (value: unknown) => ({ transformToString: () => JSON.stringify(value) }) as never;

function read() {
	const invokeBus = createLambdaBus(new LambdaClient({}), 'bus', () => undefined);
	return invokeBus({ operation: 'read', sessionId: id, ...exampleProof, demand: 'strict' });
}

beforeEach(() => void lambda.reset());

test('the answer of the bus is returned as it is', async () => {
	lambda.on(InvokeCommand).resolves({ Payload: payload(envelopeOf(absent)) });
	expect(await read()).toEqual(absent);
});

/* A function that fails is answered 200, with its error as the payload. */
test.each([
	['crashed', { errorType: 'Runtime.ExitError', errorMessage: 'exit status 1' }],
	['ran out of time', { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 5.00 seconds' }],
	['failed with what looks like an answer', envelopeOf(absent)],
])('a bus that %s is unavailable, and refuses nobody', async (_how, error) => {
	lambda.on(InvokeCommand).resolves({ StatusCode: 200, FunctionError: 'Unhandled', Payload: payload(error) });
	expect(await read()).toMatchObject({ kind: 'unavailable' });
});

test.each([
	['throttles', 'TooManyRequestsException', 429],
	['fails', 'ServiceException', 500],
	['refuses', 'AccessDeniedException', 403],
	['has no such function', 'ResourceNotFoundException', 404],
])('a Lambda that %s is unavailable', async (_how, name, httpStatusCode) => {
	lambda
		.on(InvokeCommand)
		.rejects(new LambdaServiceException({ name, $fault: 'client', $metadata: { httpStatusCode } }));
	expect(await read()).toMatchObject({ kind: 'unavailable' });
});

test('an answer without a payload, or that cannot be read, is unavailable', async () => {
	lambda.on(InvokeCommand).resolves({});
	expect(await read()).toMatchObject({ kind: 'unavailable' });
	lambda.on(InvokeCommand).resolves({ Payload: payload({ protocol: 0, body: absent }) });
	expect(await read()).toMatchObject({ kind: 'unavailable' });
});
