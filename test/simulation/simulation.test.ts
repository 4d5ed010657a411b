import { describe, expect, test } from 'vitest';
import { readRegressions } from './regressions.ts';
import { run } from './run.ts';

/** `npm run simulate` runs as many as you like. */
const seeds = 2_000;
const wireSeeds = 200;

describe('runs that failed once', () => {
	test.each(readRegressions())('keep every promise: $name', async ({ options }) => {
		expect((await run(options)).violations).toEqual([]);
	});
});

describe('a simulated deployment', () => {
	test(`keeps every promise under faults, with each of ${seeds} seeds`, async () => {
		let [operations, answered, faults] = [0, 0, 0];
		for (let seed = 1; seed <= seeds; seed++) {
			const result = await run({ seed });
			expect({ seed, violations: result.violations }).toEqual({ seed, violations: [] });
			expect(result.operations).toBeGreaterThanOrEqual(200);
			operations += result.operations;
			answered += result.answered;
			faults += result.faults.length;
		}
		// Something has to happen for the promises to mean something.
		expect(answered / operations).toBeGreaterThan(0.95);
		expect(faults / seeds).toBeGreaterThan(4.5);
	});

	test(`keeps them when messages travel as JSON, with each of ${wireSeeds} seeds`, async () => {
		for (let seed = 1; seed <= wireSeeds; seed++)
			expect(await run({ seed, overWire: true })).toMatchObject({ seed, violations: [] });
	});

	test('runs the same way again with the same seed, to the letter', async () => {
		const [one, other] = [await run({ seed: 42, transcript: true }), await run({ seed: 42, transcript: true })];
		expect(one.transcript.length).toBeGreaterThan(500);
		expect(other.transcript).toEqual(one.transcript);
		expect((await run({ seed: 43, transcript: true })).transcript).not.toEqual(one.transcript);
	});
});
