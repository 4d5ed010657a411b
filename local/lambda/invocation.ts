export interface Invocation {
	readonly event: unknown;
	readonly requestId: string;
	readonly functionArn: string;
	/**
	 * The function's time limit, counted from receipt: the clocks of region and instance may differ
	 * on purpose.
	 */
	readonly timeoutMs: number;
}

/** A message from the region to an instance, sent as JSON over the channel that `fork` opens. */
export type ToInstance =
	| ({ readonly kind: 'invoke' } & Invocation)
	| { readonly kind: 'clock'; readonly offsetMs: number };

/** A message from an instance to the region, over the same channel. */
export type FromInstance =
	/** The handler is loaded. */
	| { readonly kind: 'ready' }
	/** The handler could not be loaded. The process ends. */
	| { readonly kind: 'unloadable'; readonly error: FunctionError }
	| { readonly kind: 'answer'; readonly requestId: string; readonly payload?: unknown }
	| { readonly kind: 'error'; readonly requestId: string; readonly error: FunctionError };

/** An error as Lambda reports it to the caller. */
export interface FunctionError {
	readonly errorType: string;
	readonly errorMessage: string;
	readonly trace?: readonly string[];
}

/** How one invocation of an instance ended. */
export type ProcessOutcome =
	| { readonly kind: 'answered'; readonly payload: unknown }
	| { readonly kind: 'failed'; readonly error: FunctionError }
	| { readonly kind: 'timed-out' }
	| { readonly kind: 'exited'; readonly exit: Exit };

/** How an instance's process ended. */
export interface Exit {
	readonly code: number | null;
	readonly signal: string | null;
	/** True if the region ended it, either by `kill` or because its function timed out. */
	readonly intended: boolean;
}

/** The error that Lambda reports, in Lambda's words, when an invocation has no answer. */
export function functionErrorOf(
	outcome: Exclude<ProcessOutcome, { kind: 'answered' }>,
	requestId: string,
	timeoutMs: number,
): FunctionError {
	switch (outcome.kind) {
		case 'failed':
			return outcome.error;
		case 'timed-out': {
			const seconds = (timeoutMs / 1000).toFixed(2);
			return {
				errorType: 'Sandbox.Timedout',
				errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
			};
		}
		case 'exited': {
			const { code, signal } = outcome.exit;
			const how = signal ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`;
			return {
				errorType: 'Runtime.ExitError',
				errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
			};
		}
	}
}
