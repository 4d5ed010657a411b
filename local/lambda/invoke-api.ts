import { createServer, type Server } from 'node:http';
import type { ServiceConditions } from '../services/service-conditions.ts';
import { type FaultAnswers, type ServiceAnswer, send, underCondition } from '../services/under-condition.ts';
import { readBody } from '../system/request-body.ts';
import type { FunctionPool, InvocationOutcome } from './function-pool.ts';

/** Lambda's Invoke API, under the condition of `lambda`: functions by name or ARN, synchronous or as an event. */
export function createInvokeApi(functions: readonly FunctionPool[], conditions: ServiceConditions): Server {
	return createServer(async (request, response) => {
		const read = await readBody(request, payloadBytesMax);
		if (read.outcome === 'aborted') return;
		if (read.outcome === 'too-large') return send(response, tooLarge);
		if (!(await underCondition(conditions.called('lambda', 'Invoke'), response, faultAnswers))) return;

		const name = functionNameIn(String(request.url));
		const pool = functions.find(({ functionName }) => functionName === name);
		if (request.method !== 'POST' || !pool) return send(response, notFound);
		const event = parsed(read.body);
		if (event === unparsable) return send(response, notJson);

		const invoked = pool.invoke(event);
		// An event's answer goes nowhere. Lambda would also repeat it where it fails; nothing here relies on that.
		if (request.headers['x-amz-invocation-type'] === 'Event') return send(response, accepted);
		send(response, answerTo(await invoked));
	});
}

function answerTo(outcome: InvocationOutcome): ServiceAnswer {
	if (outcome.outcome === 'throttled') return faultAnswers.throttle;
	const failed = outcome.outcome === 'failed';
	return {
		status: 200,
		headers: {
			'content-type': 'application/json',
			'x-amzn-requestid': outcome.requestId,
			'x-amz-executed-version': '$LATEST',
			...(failed ? { 'x-amz-function-error': 'Unhandled' } : {}),
		},
		body: JSON.stringify((failed ? outcome.error : outcome.payload) ?? null),
	};
}

/** Lambda's quota for synchronous invocations. */
const payloadBytesMax = 6 * 1024 * 1024;

const error = (status: number, type: string, message: string, more: object = {}): ServiceAnswer => ({
	status,
	headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
	body: JSON.stringify({ ...more, message, Message: message }),
});
const accepted: ServiceAnswer = { status: 202, headers: {}, body: '' };
const notFound = error(404, 'ResourceNotFoundException', 'Function not found');
const notJson = error(400, 'InvalidRequestContentException', 'Could not parse request body into json');
const tooLarge = error(413, 'RequestTooLargeException', 'Request must be smaller than 6291456 bytes');
const faultAnswers: FaultAnswers = {
	error: error(500, 'ServiceException', 'Lambda encountered an internal error'),
	throttle: error(429, 'TooManyRequestsException', 'Rate Exceeded.', {
		Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
	}),
};

const path = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(\?|$)/;

/** From `name`, `account:function:name` or an ARN, each with or without a qualifier. */
function functionNameIn(url: string): string | undefined {
	const named = decodeURIComponent(path.exec(url)?.[1] ?? '');
	return /^(?:.*:function:)?([\w-]+)(?::.*)?$/.exec(named)?.[1];
}

const unparsable = Symbol('unparsable');

function parsed(body: Buffer): unknown {
	if (body.length === 0) return {};
	try {
		return JSON.parse(body.toString());
	} catch {
		return unparsable;
	}
}
