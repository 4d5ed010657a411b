/** What the region and a function's process say to each other, as JSON over the channel that `fork` opens. */
export type ToInstance =
	| {
			type: 'invoke';
			event: unknown;
			requestId: string;
			functionArn: string;
			/** How long the function may take, counted from the receipt: the two clocks may differ on purpose. */
			timeoutMs: number;
	  }
	| { type: 'clock'; offsetMs: number };

export type FromInstance =
	/** The handler is loaded. */
	| { type: 'ready' }
	/** The handler could not be loaded; the process ends. */
	| { type: 'unloadable'; error: FunctionError }
	| { type: 'answer'; requestId: string; payload?: unknown }
	| { type: 'error'; requestId: string; error: FunctionError };

/** An error as Lambda reports it to who invoked the function. */
export interface FunctionError {
	readonly errorType: string;
	readonly errorMessage: string;
	readonly trace?: readonly string[];
}
