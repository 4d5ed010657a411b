import { defineConfig } from 'vitest/config';

/** The file for the results, if a script runs the tests. `.ci/run` adds them up. */
const results = process.env['TEST_RESULTS'];

/**
 * `npm run test:e2e` tests the deployed stack over HTTP. Its files share the stack, so they run one
 * by one.
 */
export default defineConfig({
	test: {
		name: 'e2e',
		include: ['test/e2e/**/*.test.ts'],
		globalSetup: ['test/e2e/deployed.ts'],
		allowOnly: false,
		fileParallelism: false,
		testTimeout: 60_000,
		hookTimeout: 60_000,
		reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
	},
});
