import { defineConfig } from 'vitest/config';

/** The file for the results, if a script runs the tests. `.ci/run` adds them up. */
const results = process.env['TEST_RESULTS'];

/** `npm run test:long` runs what seldom fails and takes minutes. */
export default defineConfig({
	test: {
		name: 'long',
		include: [
			'test/long/**/*.test.ts',
			'test/simulation/mutants.test.ts',
			'test/api/{forged-record,large-session,remote-calls,repository-away}.test.ts',
		],
		maxConcurrency: 2,
		allowOnly: false,
		testTimeout: 600_000,
		hookTimeout: 60_000,
		reporters: results === undefined ? ['default'] : ['default', ['json', { outputFile: results }]],
	},
});
