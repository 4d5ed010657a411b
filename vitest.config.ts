import { defineConfig } from 'vitest/config';

/** Where to count the tests for whoever runs them unattended. */
const results = process.env['TEST_RESULTS'];

/** One project for each kind of test, so that any can be run alone: `npx vitest run --project contract`. */
export default defineConfig({
	test: {
		allowOnly: false,
		// Most tests wait, for processes and for time limits, and two cores have room for more of them than one at a time.
		maxWorkers: 3,
		// What a test polls for is a condition. A busy machine takes longer to get there than vitest's own second.
		expect: { poll: { timeout: 15_000 } },
		reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
		projects: [
			project('unit', {}),
			project('contract', { testTimeout: 20_000, hookTimeout: 30_000 }),
			project('simulation', { testTimeout: 150_000, maxConcurrency: 2 }),
			project('api', { testTimeout: 30_000, hookTimeout: 60_000 }),
			project('infra', { testTimeout: 60_000, hookTimeout: 60_000 }),
			project('local', { testTimeout: 30_000, hookTimeout: 60_000 }),
		],
	},
});

function project(name: string, options: Readonly<Record<string, unknown>>) {
	return { test: { name, include: [`test/${name}/**/*.test.ts`], ...options } };
}
