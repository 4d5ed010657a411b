import { expect, test } from 'vitest';
import { countFailedRequests, createFailedCalls, kindOfFailure } from '../../../functions/system/failed-calls.ts';
import type { ServiceAnswer, ServiceFailure } from '../../../functions/system/http-client.ts';
import type { Log } from '../../../functions/system/log.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

/** An error as the SDK throws it. */
function awsError(name: string, httpStatusCode: number, message = 'no'): Error {
	return Object.assign(new Error(message), { name, $metadata: { httpStatusCode, requestId: 'R1', attempts: 2 } });
}

function nodeError(code: string): Error {
	return Object.assign(new Error(`connect ${code}`), { code });
}

test.each([
	[awsError('AccessDeniedException', 400), 'denied'],
	[awsError('AccessDenied', 403), 'denied'],
	[awsError('KMSAccessDeniedException', 502), 'denied'],
	[awsError('UnrecognizedClientException', 400), 'denied'],
	[awsError('UnknownError', 403), 'denied'],
	[awsError('ProvisionedThroughputExceededException', 400), 'throttled'],
	[awsError('ThrottlingException', 400), 'throttled'],
	[awsError('TooManyRequestsException', 429), 'throttled'],
	[awsError('SlowDown', 503), 'throttled'],
	[awsError('ResourceNotFoundException', 400), 'missing'],
	[awsError('NoSuchBucket', 404), 'missing'],
	[awsError('QueueDoesNotExist', 400), 'missing'],
	[awsError('TimeoutError', 0), 'timeout'],
	[Object.assign(awsError('TimeoutError', 0), { code: 'ETIMEDOUT' }), 'timeout'],
	[new DOMException('too late', 'AbortError'), 'timeout'],
	[new DOMException('too late', 'TimeoutError'), 'timeout'],
	[nodeError('ETIMEDOUT'), 'timeout'],
	[nodeError('ECONNRESET'), 'unreachable'],
	[nodeError('ENOTFOUND'), 'unreachable'],
	[nodeError('EAI_AGAIN'), 'unreachable'],
	[Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }), 'unreachable'],
	[awsError('KMSDisabledException', 502), 'denied'],
	[awsError('KMS.DisabledException', 400), 'denied'],
	[awsError('KmsInvalidState', 400), 'denied'],
	[awsError('KmsThrottled', 400), 'throttled'],
	[awsError('DecryptionFailure', 400), 'denied'],
	[awsError('SignatureDoesNotMatch', 403), 'denied'],
	[awsError('RequestTimeTooSkewed', 403), 'denied'],
	[awsError('InternalServerError', 500), 'failed'],
	[awsError('Unhandled Sandbox.Timedout', 200), 'failed'],
	[awsError('ValidationException', 400), 'other'],
	['a text', 'other'],
	[undefined, 'other'],
] as const)('%s is %s', (error, kind) => {
	expect(kindOfFailure(error)).toBe(kind);
});

function setUp() {
	const clock = createSettableClock();
	const lines: Parameters<Log>[] = [];
	const counted: string[] = [];
	const log: Log = (...line) => void lines.push(line);
	const metrics = {
		add: (name: string, dimensions: object) => void counted.push([name, ...Object.values(dimensions)].join(' ')),
	};
	return { clock, lines, counted, metrics, report: createFailedCalls(log, metrics, clock) };
}

test('a failed call has a line with everything that AWS told, and counts', () => {
	const { lines, counted, report } = setUp();
	const message = 'User: arn:aws:sts::1:assumed-role/bus is not authorized to perform: dynamodb:GetItem';
	report({ callee: 'DynamoDB', operation: 'GetItem', error: awsError('AccessDeniedException', 400, message) });
	expect(lines).toEqual([
		[
			'error',
			'a call to AWS failed',
			{
				callee: 'DynamoDB',
				operation: 'GetItem',
				failure: 'denied',
				error: 'AccessDeniedException',
				reason: message,
				status: 400,
				awsRequestId: 'R1',
				tries: 2,
				advice: expect.stringContaining("The function's role lacks a right"),
			},
		],
	]);
	expect(counted).toEqual(['FailedCalls DynamoDB denied']);
});

test('failures of one kind within ten seconds share a line, which the next one counts', () => {
	const { clock, lines, counted, report } = setUp();
	const fail = (error: Error) => report({ callee: 'S3', operation: 'PutObject', error });
	for (let call = 0; call < 5; call++) fail(awsError('SlowDown', 503));
	fail(awsError('AccessDenied', 403));
	expect(lines.map(([, , fields]) => fields?.['error'])).toEqual(['SlowDown', 'AccessDenied']);
	expect(counted).toHaveLength(6);
	clock.advance(10_001);
	fail(awsError('SlowDown', 503));
	expect(lines.at(-1)?.[2]).toMatchObject({ error: 'SlowDown', repeated: 4 });
	clock.advance(10_001);
	fail(awsError('SlowDown', 503));
	expect(lines.at(-1)?.[2]).not.toHaveProperty('repeated');
});

test.each([
	['DynamoDB', awsError('AccessDeniedException', 400, 'The key is not usable: kms:Decrypt'), 'KMS key'],
	['Lambda', awsError('KMSAccessDeniedException', 502), 'KMS key'],
	['SQS', awsError('KmsDisabled', 400), 'KMS key'],
	['SecretsManager', awsError('DecryptionFailure', 400, 'The key is pending deletion'), 'KMS key'],
	['S3', awsError('AccessDenied', 403), "function's role"],
	['S3', awsError('RequestTimeTooSkewed', 403), 'clock'],
	['DynamoDB', awsError('ProvisionedThroughputExceededException', 400), 'maximum throughput'],
	['Lambda', awsError('TooManyRequestsException', 429), 'reserved concurrency'],
	['Lambda', awsError('Unhandled Runtime.OutOfMemory', 200), 'Its log says why'],
	['SQS', awsError('ThrottlingException', 400), 'quotas'],
	['SecretsManager', awsError('ResourceNotFoundException', 400), 'another deployment'],
] as const)('%s: %s has advice on the %s', (callee, error, advice) => {
	const { lines, report } = setUp();
	report({ callee, operation: 'Call', error });
	expect(lines[0]?.[2]?.['advice']).toContain(advice);
});

const answered = (status: number): ServiceAnswer => ({
	kind: 'answered',
	status,
	headers: [],
	body: new Uint8Array(),
});

test.each<[ServiceAnswer | ServiceFailure, string[]]>([
	[answered(200), []],
	[answered(400), []],
	[answered(404), ['FailedCalls issuer missing']],
	[answered(429), ['FailedCalls issuer throttled']],
	[answered(503), ['FailedCalls issuer failed']],
	[{ kind: 'failed', reason: 'timeout' }, ['FailedCalls issuer timeout']],
	[{ kind: 'failed', reason: 'unreachable', code: 'ENOTFOUND' }, ['FailedCalls issuer unreachable']],
])('an issuer’s %o counts %o', async (answer, expected) => {
	const { counted, metrics } = setUp();
	const send = countFailedRequests(async () => answer, metrics);
	const request = { url: new URL('https://id.example'), method: 'GET', headers: {}, body: new Uint8Array() };
	expect(await send({ ...request, timeoutMs: 1, bodyBytesMax: 1 })).toBe(answer);
	expect(counted).toEqual(expected);
});
