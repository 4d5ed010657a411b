import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The file for the results, if a script runs the tests. `.ci/run` adds them up. */
const results = process.env['TEST_RESULTS'];

// The tests start some two hundred processes that load the same files, such as one for each mutant.
// With Node's cache each takes half of the time. Node passes the variable on to them.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

/** One project for each kind of test. `npx vitest run --project contract` runs one of them. */
export default defineConfig({
	test: {
		allowOnly: false,
		// Most tests wait for processes and time limits, so three of them fit on two cores.
		maxWorkers: 3,
		// A busy machine takes longer than Vitest's default of one second to reach a polled condition.
		expect: { poll: { timeout: 15_000 } },
		reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
		projects: [
			// The files of these two share no state. A fresh environment for each of them would take
			// as long as their tests.
			project('unit', { isolate: false, testTimeout: 30_000 }),
			project('contract', { testTimeout: 20_000, hookTimeout: 30_000 }),
			// `npm run test:long` plants every mutant, which takes a process for each.
			project('simulation', { testTimeout: 150_000, exclude: ['test/simulation/mutants.test.ts'] }),
			// `npm run test:long` waits for outages, for large sessions, and for calls in the background.
			project('api', {
				testTimeout: 30_000,
				hookTimeout: 60_000,
				exclude: ['forged-record', 'large-session', 'remote-calls', 'repository-away'].map(
					(name) => `test/api/${name}.test.ts`,
				),
			}),
			project('infra', { isolate: false, testTimeout: 60_000, hookTimeout: 60_000 }),
			project('local', { testTimeout: 30_000, hookTimeout: 60_000 }),
		],
	},
});

function project(name: string, options: Readonly<Record<string, unknown>>) {
	return { test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}
