import { expect, test } from 'vitest';
import { run } from '../simulation/run.ts';

/** `npm test` runs the seeds before these. */
const seeds = { from: 1_001, to: 5_000 };
const wireSeeds = { from: 101, to: 1_000 };

test(`each of the seeds ${seeds.from} to ${seeds.to} keeps every promise under faults`, async () => {
	for (let seed = seeds.from; seed <= seeds.to; seed++)
		expect(await run({ seed })).toMatchObject({ seed, violations: [] });
});

test(`each of the seeds ${wireSeeds.from} to ${wireSeeds.to} keeps every promise if messages travel as JSON`, async () => {
	for (let seed = wireSeeds.from; seed <= wireSeeds.to; seed++)
		expect(await run({ seed, overWire: true })).toMatchObject({ seed, violations: [] });
});
