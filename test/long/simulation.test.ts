import { test } from 'vitest';
import { expectEachSeedToKeepEveryPromise } from '../simulation/each-seed.ts';

/** `npm test` runs the seeds before these. */
const seeds = { from: 1_001, to: 5_000 };
const wireSeeds = { from: 101, to: 1_000 };

test(`each of the seeds ${seeds.from} to ${seeds.to} keeps every promise under faults`, () =>
	expectEachSeedToKeepEveryPromise(seeds));

test(`each of the seeds ${wireSeeds.from} to ${wireSeeds.to} keeps every promise if messages travel as JSON`, () =>
	expectEachSeedToKeepEveryPromise(wireSeeds, { overWire: true }));
