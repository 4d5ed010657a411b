import { describe, expect, test } from 'vitest';
import { expectEachSeedToKeepEveryPromise } from './each-seed.ts';
import { readRegressions } from './regressions.ts';
import { run } from './run.ts';

/** `npm run test:long` and `npm run simulate -- --seeds N` run more. */
const seeds = 500;
const wireSeeds = 100;
const neighbourSeeds = 100;

describe('a run that once broke a promise', () => {
	test.each(readRegressions())('the regression $name keeps every promise', async ({ options }) => {
		expect((await run(options)).violations).toEqual([]);
	});
});

describe('a simulated deployment', () => {
	test(`each of ${seeds} seeds keeps every promise under faults`, async () => {
		let [operations, answered, faults] = [0, 0, 0];
		for (let seed = 1; seed <= seeds; seed++) {
			const result = await run({ seed });
			expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
			expect(result.operations).toBeGreaterThanOrEqual(200);
			operations += result.operations;
			answered += result.answered;
			faults += result.faults.length;
		}
		// Without many answers and faults, the promises would be easy to keep.
		expect(answered / operations).toBeGreaterThan(0.95);
		expect(faults / seeds).toBeGreaterThan(4.5);
	});

	test(`each of ${wireSeeds} seeds keeps every promise if messages travel as JSON`, () =>
		expectEachSeedToKeepEveryPromise({ from: 1, to: wireSeeds }, { overWire: true }));

	test(`each of ${neighbourSeeds} seeds keeps every promise beside the next release, and keeps what that has stored`, () =>
		expectEachSeedToKeepEveryPromise({ from: 1, to: neighbourSeeds }, { overWire: true, neighbours: true }));

	test('the same seed has the same transcript, and another seed has another one', async () => {
		const [one, other] = [await run({ seed: 42, transcript: true }), await run({ seed: 42, transcript: true })];
		expect(one.transcript.length).toBeGreaterThan(500);
		expect(other.transcript).toEqual(one.transcript);
		expect((await run({ seed: 43, transcript: true })).transcript).not.toEqual(one.transcript);
	});
});
