import type { EngineAccess } from '../support/engines/engine-access.ts';

/** Something that has services for the contract suites to run on. */
export interface Engine {
	readonly name: string;
	/** What it is, for whoever has not met it. */
	readonly what: string;
	/** @throws where everything that it needs is there and it does not work */
	start(environment: NodeJS.ProcessEnv): Promise<EngineStart>;
}

export type EngineStart =
	| ({ readonly outcome: 'ready' } & ReadyEngine)
	/** Something is not there, on this machine or in its environment, without which the engine cannot run. */
	| { readonly outcome: 'missing'; readonly reason: string };

export interface ReadyEngine {
	readonly services: readonly EngineService[];
	/** Undefined: the services are embedded in each test file's process. */
	readonly access: EngineAccess | undefined;
	/** How long one test may take, and what comes before and after it. */
	readonly testMsMax: number;
	close(): Promise<void>;
}

export const engineServices = ['memory', 'dynamodb', 's3', 'sqs'] as const;
export type EngineService = (typeof engineServices)[number];
