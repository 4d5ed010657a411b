import { createServer, type Server } from 'node:http';
import { admitCall, type FaultAnswers, type ServiceAnswer, type ServiceConditions, send } from '../services/faults.ts';
import { readBody } from '../system/request-body.ts';
import type { FunctionPool, InvocationOutcome } from './function-pool.ts';

/**
 * Stands in for Lambda's Invoke API, with the condition of the service `lambda`. It takes a
 * function's name or ARN, and invokes it synchronously or as an event.
 */
export function createInvokeApi(functions: readonly FunctionPool[], conditions: ServiceConditions): Server {
	return createServer(async (request, response) => {
		const read = await readBody(request, payloadBytesMax);
		if (read.kind === 'aborted') return;
		if (read.kind === 'too-large') return send(response, tooLarge);
		if (!(await admitCall(conditions.called('lambda', 'Invoke'), response, faultAnswers))) return;

		const named = functionIn(String(request.url));
		const pool = functions.find(({ functionName }) => functionName === named?.name);
		if (request.method !== 'POST' || !pool) return send(response, notFound);
		const parsed = parseEvent(read.body);
		if (parsed.kind === 'not-json') return send(response, notJson);

		const invoked = pool.invoke(parsed.event, named?.alias === undefined ? {} : { alias: named.alias });
		// Nobody gets the answer to an event. Lambda would also retry a failed one, but nothing
		// here relies on that.
		if (request.headers['x-amz-invocation-type'] === 'Event') return send(response, accepted);
		send(response, answerTo(await invoked));
	});
}

function answerTo(outcome: InvocationOutcome): ServiceAnswer {
	if (outcome.kind === 'throttled') return faultAnswers.throttle;
	const failed = outcome.kind === 'failed';
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

/**
 * Reads `name`, `account:function:name` or an ARN, each with or without an alias. Here, every
 * function has every alias.
 */
function functionIn(url: string): { readonly name: string; readonly alias: string | undefined } | undefined {
	const named = path.exec(url)?.[1]?.replaceAll(/%3a/gi, ':') ?? '';
	const [, name, alias] = /^(?:.*:function:)?([\w-]+)(?::(.+))?$/.exec(named) ?? [];
	return name === undefined ? undefined : { name, alias };
}

/** An empty body counts as an empty object. */
function parseEvent(body: Buffer): { readonly kind: 'event'; readonly event: unknown } | { readonly kind: 'not-json' } {
	if (body.length === 0) return { kind: 'event', event: {} };
	try {
		return { kind: 'event', event: JSON.parse(body.toString()) };
	} catch {
		return { kind: 'not-json' };
	}
}
