import { execFile } from 'node:child_process';
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

describe('the simulation', () => {
	test.concurrent.each(mutants)(
		'the simulation convicts a protocol that $name within 2,000 seeds',
		async ({ name }) => {
			const { exitCode, result } = await simulate(['--mutant', name, '--seeds', '2000']);
			expect(result).toMatchObject({ invariant: expect.stringMatching(/^(I\d+|quota)$/) });
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
