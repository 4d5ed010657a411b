/**
 * The program of a function's process: loads the bundle named by its argument and answers one invocation at a time.
 *
 * It talks over the channel that `fork` opens rather than the Lambda Runtime API. That saves a hop over HTTP with each
 * request, gives the region a way to set the clock, and the channel's end tells the process that the region is gone.
 */
import { pathToFileURL } from 'node:url';
import type { FromInstance, FunctionError, ToInstance } from './instance-messages.ts';
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
	if (message.type === 'clock') setClockOffset(message.offsetMs);
	else void answer(message);
});
tell({ type: 'ready' });

async function loadHandler(file: string): Promise<Handler> {
	try {
		const module: { handler?: unknown } = await import(pathToFileURL(file).href);
		if (typeof module.handler !== 'function') throw new TypeError(`${file} exports no function "handler"`);
		return module.handler as Handler;
	} catch (error) {
		process.send?.({ type: 'unloadable', error: functionError(error) } satisfies FromInstance, () => process.exit(1));
		return await new Promise<never>(() => undefined);
	}
}

async function answer(message: ToInstance & { type: 'invoke' }): Promise<void> {
	const { requestId, event } = message;
	try {
		tell({ type: 'answer', requestId, payload: await handler(event, contextOf(message)) });
	} catch (error) {
		tell({ type: 'error', requestId, error: functionError(error) });
	}
}

function contextOf({ requestId, functionArn, timeoutMs }: ToInstance & { type: 'invoke' }): InvocationContext {
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

/** @throws where the payload is not JSON. */
function tell(message: FromInstance): void {
	process.send?.(message);
}

function functionError(error: unknown): FunctionError {
	if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error) };
	return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}
