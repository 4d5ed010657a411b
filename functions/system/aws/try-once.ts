import type { PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { PutObjectCommand } from '@aws-sdk/client-s3';

/**
 * Returns the command, which its client from now on sends once, however many tries the client makes
 * of others. The error of that try is the error of the call.
 */
export function tryOnce<Command extends PutItemCommand | PutObjectCommand>(command: Command): Command {
	let failure: { readonly error: unknown } | undefined;
	// The commands' stacks differ in the types of inputs and outputs alone.
	const { middlewareStack } = command as PutItemCommand;
	middlewareStack.add(
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
