import { defineConfig } from 'vitest/config';

/** Where to count the tests for whoever runs them unattended. */
const results = process.env['TEST_RESULTS'];

/** `npm run test:e2e`: the deployed stack over HTTP, one file after the other, since they share it. */
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
