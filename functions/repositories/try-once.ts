type Handler = (call: never) => Promise<unknown>;

/** A command of an AWS SDK client. The SDK's own types of the stack differ with the command. */
interface Command {
	readonly middlewareStack: {
		add(
			middleware: (next: Handler) => Handler,
			options: { step: 'finalizeRequest'; priority: 'low'; name: string },
		): void;
	};
}

/**
 * Makes a client send the command once, however many tries it makes of others. The error of that
 * try is the error of the call.
 */
export function tryOnce<Tried>(command: Tried): Tried {
	let failure: { readonly error: unknown } | undefined;
	(command as Command).middlewareStack.add(
		(next) => async (call) => {
			if (failure !== undefined) throw failure.error;
			try {
				return await next(call);
			} catch (error) {
				failure = { error };
				throw error;
			}
		},
		// After the middleware that tries again, so it runs for each try.
		{ step: 'finalizeRequest', priority: 'low', name: 'tryOnce' },
	);
	return command;
}
