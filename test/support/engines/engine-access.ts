/** How tests reach an engine that runs outside of their process. It is handed to each test file as data. */
export interface EngineAccess {
	/** Undefined where the SDK is to find it by itself, which is AWS. */
	readonly endpoint: string | undefined;
	readonly region: string;
	/** Undefined where the SDK is to find them by itself. */
	readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
	/** Every table, bucket and queue of the run begins with it; whoever started the run removes them by it. */
	readonly namePrefix: string;
}

declare module 'vitest' {
	interface ProvidedContext {
		/** Not provided: the embedded services. */
		engine?: EngineAccess;
	}
}
