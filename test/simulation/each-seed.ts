import { expect } from 'vitest';
import { type RunOptions, run } from './run.ts';

/** Expects that each of the seeds, the last one included, keeps every promise. */
export async function expectEachSeedToKeepEveryPromise(
	seeds: { readonly from: number; readonly to: number },
	options: Omit<RunOptions, 'seed'> = {},
): Promise<void> {
	for (let seed = seeds.from; seed <= seeds.to; seed++)
		expect(await run({ ...options, seed })).toMatchObject({ seed, violations: [] });
}
