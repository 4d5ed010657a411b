import { defineConfig } from 'vitest/config';

/**
 * `npm run test:rights` takes one right after the other away from the roles of the stack, deployed
 * to a MiniStack that enforces rights. It takes some minutes.
 */
export default defineConfig({
	test: {
		name: 'rights',
		include: ['test/rights/**/*.test.ts'],
		globalSetup: ['test/e2e/deployed.ts'],
		allowOnly: false,
		fileParallelism: false,
		testTimeout: 120_000,
		hookTimeout: 120_000,
		reporters: ['verbose'],
	},
});
