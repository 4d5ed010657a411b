import type { EngineAccess } from '../support/engines/engine-access.ts';

/** A provider of services on which the contract suites can run. */
export interface Engine {
	readonly name: string;
	/** One line for the help text: what it is and what it needs. */
	readonly what: string;
	/** @throws if the engine has everything that it needs but does not start */
	start(environment: NodeJS.ProcessEnv): Promise<EngineStart>;
}

export type EngineStart =
	| ({ readonly kind: 'ready' } & ReadyEngine)
	/** The machine or the environment lacks something that the engine needs. */
	| { readonly kind: 'missing'; readonly reason: string };

export interface ReadyEngine {
	readonly services: readonly EngineService[];
	/** Undefined if the services are embedded in each test file's process. */
	readonly access: EngineAccess | undefined;
	/** Time limit for one test. Hooks may take twice as long. */
	readonly testMsMax: number;
	close(): Promise<void>;
}

export const engineServices = ['memory', 'dynamodb', 's3', 'sqs', 'secrets'] as const;
export type EngineService = (typeof engineServices)[number];
