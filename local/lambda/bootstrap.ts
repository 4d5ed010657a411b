/**
 * The program of a function's process. It loads the bundle that its argument names and answers one
 * invocation at a time.
 *
 * It uses the channel that `fork` opens instead of the Lambda Runtime API. That saves an HTTP hop
 * per request and lets the region set the clock. When the channel closes, the process knows that
 * the region is gone.
 */
import { pathToFileURL } from 'node:url';
import type { FromInstance, FunctionError, Invocation, ToInstance } from './invocation.ts';
import { shiftClock } from './shifted-clock.ts';

type Handler = (event: unknown, context: InvocationContext) => unknown;

interface InvocationContext {
	readonly awsRequestId: string;
	readonly functionName: string;
	readonly functionVersion: string;
	readonly invokedFunctionArn: string;
	readonly memoryLimitInMB: string;
	readonly callbackWaitsForEmptyEventLoop: boolean;
	getRemainingTimeInMillis(): number;
}

process.on('disconnect', () => process.exit(0));
if (!process.connected) process.exit(0);

const setClockOffset = shiftClock(Number(process.env['LEASEHOLD_LOCAL_CLOCK_OFFSET_MS'] ?? 0));
const handler = await loadHandler(String(process.argv[2]));
process.on('message', (message: ToInstance) => {
	if (message.kind === 'clock') setClockOffset(message.offsetMs);
	else void answer(message);
});
tell({ kind: 'ready' });

async function loadHandler(file: string): Promise<Handler> {
	try {
		const module: { handler?: unknown } = await import(pathToFileURL(file).href);
		if (typeof module.handler !== 'function') throw new TypeError(`${file} exports no function "handler"`);
		return module.handler as Handler;
	} catch (error) {
		process.send?.({ kind: 'unloadable', error: functionError(error) } satisfies FromInstance, () => process.exit(1));
		return await new Promise<never>(() => undefined);
	}
}

async function answer(message: Invocation): Promise<void> {
	const { requestId, event } = message;
	try {
		tell({ kind: 'answer', requestId, payload: await handler(event, contextOf(message)) });
	} catch (error) {
		tell({ kind: 'error', requestId, error: functionError(error) });
	}
}

function contextOf({ requestId, functionArn, timeoutMs }: Invocation): InvocationContext {
	const receivedAtMs = performance.now();
	return {
		awsRequestId: requestId,
		functionName: String(process.env['AWS_LAMBDA_FUNCTION_NAME']),
		functionVersion: '$LATEST',
		invokedFunctionArn: functionArn,
		memoryLimitInMB: String(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']),
		callbackWaitsForEmptyEventLoop: true,
		getRemainingTimeInMillis: () => Math.max(0, Math.round(timeoutMs - (performance.now() - receivedAtMs))),
	};
}

/** @throws if the payload cannot be written as JSON */
function tell(message: FromInstance): void {
	process.send?.(message);
}

function functionError(error: unknown): FunctionError {
	if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
	return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
