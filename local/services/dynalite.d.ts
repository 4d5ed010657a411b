/** dynalite ships no types. These cover what the local region uses of it, and no more. */
declare module 'dynalite' {
	import type { Server } from 'node:http';

	/** Without `path` everything is kept in memory. The server closes its store when it is closed. */
	function dynalite(options?: { path?: string; createTableMs?: number }): Server;
	export = dynalite;
}

declare module 'dynalite/db/index.js' {
	/** What a failed condition is answered with: `body` goes out as it is. */
	interface ConditionalFailure extends Error {
		statusCode: number;
		body: Record<string, unknown>;
	}

	/** Every conditional write asks this while it holds the item's lock. */
	const database: {
		checkConditional(
			request: Readonly<Record<string, unknown>>,
			existingItem: Readonly<Record<string, unknown>> | undefined,
		): ConditionalFailure | null | undefined;
	};
	export = database;
}

declare module 'dynalite/validations/*Item.js' {
	/** The parameters that an operation takes; others are dropped before it begins. */
	const operation: { readonly types: Record<string, { type: string; enum: readonly string[] }> };
	export = operation;
}
