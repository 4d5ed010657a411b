/** How tests reach an engine outside their process. Each test file gets it as data. */
export interface EngineAccess {
	/** `undefined`: the SDK finds it by itself, on AWS. */
	readonly endpoint: string | undefined;
	readonly region: string;
	/** `undefined`: the SDK finds them by itself. */
	readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
	/**
	 * The names of all tables, buckets and queues of the run begin with this. The command that
	 * started the run removes them by it.
	 */
	readonly namePrefix: string;
	/**
	 * The ARN of a key of the engine's KMS, which then encrypts buckets, queues and secrets as the
	 * product's own key does. `undefined`: the engine has no KMS, or a key would cost money.
	 */
	readonly encryptionKey?: string;
}

declare module 'vitest' {
	interface ProvidedContext {
		/** Absent: the tests use the embedded services. */
		engine?: EngineAccess;
	}
}
