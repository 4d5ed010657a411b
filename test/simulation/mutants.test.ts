import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mutants } from './mutants/mutants.ts';
import { readRegressions } from './regressions.ts';

/* Each mistake is planted in a separate process. The simulation there has to convict it. */

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

interface Verdict {
	readonly exitCode: number;
	readonly result: { readonly invariant?: string; readonly what?: string; readonly after?: number };
}

function simulate(options: readonly string[]): Promise<Verdict> {
	return new Promise((resolve, reject) => {
		execFile(process.execPath, [main, '--json', ...options], (error, stdout, stderr) => {
			if (stderr !== '') reject(new Error(stderr));
			else resolve({ exitCode: Number(error?.code ?? 0), result: JSON.parse(stdout) as Verdict['result'] });
		});
	});
}

/**
 * The seed that convicted the mutant when the seeds were last refreshed is tried first, since the
 * way to it takes minutes for all mutants. Only if it convicts no more, all of the seeds are run.
 */
async function convict(mutant: string): Promise<Verdict> {
	const known = convictingSeeds()[mutant];
	if (known !== undefined && known <= seedsMax) {
		const verdict = await simulate(['--mutant', mutant, '--from', String(known), '--seeds', '1']);
		if (verdict.exitCode === 1) return verdict;
	}
	return simulate(['--mutant', mutant, '--seeds', String(seedsMax)]);
}

const seedsMax = 2_000;

function convictingSeeds(): Readonly<Record<string, number>> {
	return JSON.parse(readFileSync(new URL('./mutants/convicting-seeds.json', import.meta.url), 'utf8'));
}

describe('the simulation', () => {
	test.concurrent.each(mutants)(
		'the simulation convicts a protocol that $name within 2,000 seeds',
		async ({ name }) => {
			const { exitCode, result } = await convict(name);
			expect(result).toMatchObject({ invariant: expect.stringMatching(/^(I\d+|quota|liveness|reach)$/) });
			expect(exitCode).toBe(1);
		},
	);

	test.concurrent.each(readRegressions())(
		'the regression $name still finds the mistake of its mutant',
		async ({ mutant, options }) => {
			const { seed, operations, without } = options;
			const small = [
				...(operations === undefined ? [] : ['--operations', String(operations)]),
				...(without === undefined ? [] : ['--without', without.join(',')]),
			];
			const { exitCode } = await simulate(['--mutant', mutant, '--from', String(seed), '--seeds', '1', ...small]);
			expect(exitCode).toBe(1);
		},
	);

	test('the simulation can plant at least twenty mistakes', () => {
		expect(mutants.length).toBeGreaterThanOrEqual(20);
	});
});
