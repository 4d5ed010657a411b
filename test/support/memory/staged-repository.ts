import type { Failed } from '../../../functions/repositories/failed.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';

/** A repository in memory whose answers wait for the test or fail. */
export interface StagedRepository extends Repository {
	fails: boolean;
	/** The loads and merges that were called. */
	readonly calls: () => number;
	/** Holds all answers until `release`. */
	hold(): void;
	release(): void;
}

export function createStagedRepository(name: RepositoryName): StagedRepository {
	const memory = createMemoryRepository(name);
	const failed: Failed = { kind: 'failed', reason: 'unavailable', cause: new Error('staged') };
	let calls = 0;
	let gate: PromiseWithResolvers<void> | undefined;
	async function answered<Result>(call: () => Promise<Result>): Promise<Result | Failed> {
		calls++;
		await gate?.promise;
		return staged.fails ? failed : call();
	}
	const staged: StagedRepository = {
		...memory,
		fails: false,
		calls: () => calls,
		hold: () => {
			gate = Promise.withResolvers();
		},
		release: () => gate?.resolve(),
		load: (...load) => answered(() => memory.load(...load)),
		merge: (...merge) => answered(() => memory.merge(...merge)),
	};
	return staged;
}
