import type { Clock } from './clock.ts';
import type { SendRequest } from './http-client.ts';
import { type Log, messageToLog } from './log.ts';
import type { Metrics } from './metrics.ts';
import { createRepeats } from './repeats.ts';

/** A call to a service of AWS that failed, after all of its tries. */
export interface FailedCall {
	/** The service of AWS, such as `DynamoDB`. */
	readonly callee: string;
	/** The operation, such as `GetItem`. */
	readonly operation: string;
	readonly error: unknown;
}

/** Port: is told of every call that failed. Must not throw. */
export type ReportFailedCall = (call: FailedCall) => void;

/**
 * - `denied`: a right is missing, a policy refuses the call, also one of a key, or the key cannot
 *   be used.
 * - `throttled`: the service takes no more calls now.
 * - `missing`: the table, bucket, queue, secret or function does not exist.
 * - `timeout`: no answer within the time limit.
 * - `unreachable`: there is no connection, or it was closed.
 * - `failed`: the service answered with a status of 500 or more, or a function that was invoked
 *   failed.
 */
export type FailureKind = 'denied' | 'throttled' | 'missing' | 'timeout' | 'unreachable' | 'failed' | 'other';

const names: readonly (readonly [RegExp, FailureKind])[] = [
	[/^(Unh|H)andled\b/, 'failed'],
	[
		/AccessDenied|NotAuthorized|UnrecognizedClient|InvalidClientToken|ExpiredToken|Signature|TimeTooSkewed|Forbidden/,
		'denied',
	],
	[/Throttl|Throughput|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded/, 'throttled'],
	[/ResourceNotFound|NoSuchBucket|NonExistentQueue|QueueDoesNotExist/, 'missing'],
	[/^KMS|^Kms|^(De|En)cryptionFailure/, 'denied'], // The key is disabled, or will be deleted.
	[/Timeout|Abort|^ETIMEDOUT/, 'timeout'],
	[/^E[A-Z_]+$|^ERR_/, 'unreachable'],
];

/** Errors of AWS have these fields, and so do those of Node. */
interface CallError {
	readonly name?: string;
	readonly code?: unknown;
	readonly message?: string;
	readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string; readonly attempts?: number };
}

/** The name of the error that AWS or Node has given it, such as `AccessDeniedException`. */
export function nameOfFailure(error: unknown): string {
	const { name, code } = errorOf(error);
	// Only the code tells what happened in the network. The SDK calls some of Node's errors
	// TimeoutError, also ECONNRESET, and Node's own names are Error and AggregateError. The SDK gives
	// its own time limits the code ETIMEDOUT or none.
	if (name === 'TimeoutError' && code === 'ETIMEDOUT') return name;
	const isVague = name === undefined || ['Error', 'TimeoutError', 'AggregateError'].includes(name);
	// The code of a DOMException is a number.
	return (isVague && typeof code === 'string' ? code : name) ?? 'Error';
}

export function kindOfFailure(error: unknown): FailureKind {
	const name = nameOfFailure(error);
	const known = names.find(([pattern]) => pattern.test(name));
	if (known !== undefined) return known[1];
	const status = errorOf(error).$metadata?.httpStatusCode ?? 0;
	if (status === 403) return 'denied';
	if (status === 429) return 'throttled';
	return status >= 500 ? 'failed' : 'other';
}

/**
 * Advice on the likely mistakes of a first deployment. The reason of AWS says which action on which
 * resource was denied, so the advice says where to change that.
 */
function adviceOn(kind: FailureKind, { callee, error }: FailedCall): string | undefined {
	if (kind === 'denied' && /kms|cryptionFailure/i.test(`${nameOfFailure(error)} ${errorOf(error).message}`))
		return "The function cannot use the KMS key. Look at the key's policy and state, and at the function's role.";
	if (kind === 'denied' && /Signature|Skewed|Expired/.test(nameOfFailure(error)))
		return "AWS did not accept the call's signature. The clock of the function is wrong, or its credentials are.";
	if (kind === 'denied')
		return "The function's role lacks a right, or a policy of the resource, the organisation or a boundary denies it.";
	if (kind === 'throttled' && callee === 'DynamoDB')
		return 'The table takes no more calls now. Look at its maximum throughput, and for one hot session or subject.';
	if (kind === 'throttled' && callee === 'Lambda')
		return 'No execution environment is free for the bus. Look at its reserved concurrency and that of the account.';
	if (kind === 'throttled') return 'The service takes no more calls now. Look at the quotas of the account.';
	if (kind === 'failed' && callee === 'Lambda')
		return 'The bus ended without an answer. Its log says why, unless Lambda itself has failed.';
	if (kind === 'missing')
		return 'The resource was deleted, or the variables of the function name one of another deployment or region.';
	return undefined;
}

/**
 * Writes one line about each kind of failed call, and counts all of them. After the first line of a
 * kind, the others within ten seconds are only counted: in an outage every request has some.
 */
export function createFailedCalls(log: Log, metrics: Pick<Metrics, 'add'>, clock: Clock): ReportFailedCall {
	const repeats = createRepeats(clock);
	return (call) => {
		const { callee, operation, error } = call;
		const kind = kindOfFailure(error);
		metrics.add('FailedCalls', { callee, failure: kind });
		const name = nameOfFailure(error);
		const line = repeats(`${callee} ${operation} ${name}`);
		if (line === undefined) return;
		const { $metadata } = errorOf(error);
		const level = kind === 'denied' || kind === 'missing' ? 'error' : 'warn';
		log(level, 'a call to AWS failed', {
			callee,
			operation,
			failure: kind,
			error: name,
			reason: messageToLog(error),
			status: $metadata?.httpStatusCode,
			awsRequestId: $metadata?.requestId,
			tries: $metadata?.attempts,
			advice: adviceOn(kind, call),
			...line,
		});
	};
}

function errorOf(error: unknown): CallError {
	return typeof error === 'object' && error !== null ? error : {};
}

/** Sends requests to issuers, and counts those that failed. Their callers write the lines. */
export function countFailedRequests(sendRequest: SendRequest, metrics: Pick<Metrics, 'add'>): SendRequest {
	return async (request) => {
		const answer = await sendRequest(request);
		const failure = failureOf(answer);
		if (failure !== undefined) metrics.add('FailedCalls', { callee: 'issuer', failure });
		return answer;
	};
}

function failureOf(answer: Awaited<ReturnType<SendRequest>>): FailureKind | undefined {
	if (answer.kind === 'failed') return answer.reason === 'timeout' ? 'timeout' : 'unreachable';
	if (answer.status === 429) return 'throttled';
	if (answer.status === 404) return 'missing';
	return answer.status >= 500 ? 'failed' : undefined;
}
