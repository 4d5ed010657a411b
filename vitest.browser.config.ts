import { defineConfig } from 'vitest/config';

/** The file for the results, if a script runs the tests. `.ci/run` adds them up. */
const results = process.env['TEST_RESULTS'];

/** `npm run test:browser` drives Chromium against local regions. Each file starts its own. */
export default defineConfig({
	test: {
		name: 'browser',
		include: ['test/browser/**/*.test.ts'],
		allowOnly: false,
		// Two cores are busy with one browser and one region.
		fileParallelism: false,
		testTimeout: 60_000,
		hookTimeout: 60_000,
		reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
	},
});
