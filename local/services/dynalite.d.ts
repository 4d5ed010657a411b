/** dynalite ships no types. These cover the parts that the local region uses. */
declare module 'dynalite' {
	import type { Server } from 'node:http';

	/** Without `path`, dynalite keeps everything in memory. Closing the server closes its store. */
	function dynalite(options?: { path?: string; createTableMs?: number }): Server;
	export = dynalite;
}

declare module 'dynalite/db/index.js' {
	/** The answer to a failed condition. dynalite sends `body` unchanged. */
	interface ConditionalFailure extends Error {
		statusCode: number;
		body: Record<string, unknown>;
	}

	/** Every conditional write calls this while it holds the item's lock. */
	const database: {
		checkConditional(
			request: Readonly<Record<string, unknown>>,
			existingItem: Readonly<Record<string, unknown>> | undefined,
		): ConditionalFailure | null | undefined;
	};
	export = database;
}

declare module 'dynalite/validations/*Item.js' {
	/** The parameters of an operation. dynalite drops all others before the operation begins. */
	const operation: { readonly types: Record<string, { type: string; enum: readonly string[] }> };
	export = operation;
}
