/**
 * How tests reach an engine outside of their process. Vitest hands it to each test file as data.
 */
export interface EngineAccess {
	/** `undefined` for AWS, whose endpoints the SDK finds by itself. */
	readonly endpoint: string | undefined;
	readonly region: string;
	/** `undefined` if the SDK finds them by itself. */
	readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
	/**
	 * Begins the name of every table, bucket and queue of the run. Used to remove them afterwards.
	 */
	readonly namePrefix: string;
}

declare module 'vitest' {
	interface ProvidedContext {
		/** Absent if the services are embedded. */
		engine?: EngineAccess;
	}
}
