import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from './child.ts';
import type { Finding } from './step.ts';

/** The part of vitest's results that the report needs. */
export interface TestResults {
	readonly testResults: readonly {
		readonly message?: string;
		readonly status: string;
		readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
	}[];
}

/** Runs the end-to-end tests against `url`. @throws if they end without results */
export async function runEndToEnd(url: string, idToken: string, environment: NodeJS.ProcessEnv): Promise<Finding> {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-trial-'));
	const file = join(folder, 'results.json');
	const variables = { ...environment, LEASEHOLD_URL: url, LEASEHOLD_ID_TOKEN: idToken, TEST_RESULTS: file };
	try {
		// Vitest ends with another status than 0 if a test fails. The results say which.
		const failure = await runProgram(
			'node_modules/vitest/vitest.mjs',
			['run', '--config', 'vitest.e2e.config.ts'],
			variables,
		).then(
			() => undefined,
			(error: unknown) => error,
		);
		const text = await readFile(file, 'utf8').catch((error: unknown) => {
			throw failure ?? error;
		});
		const found = findingOf(JSON.parse(text));
		return failure === undefined ? found : { ...found, holds: false };
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** Holds if some tests passed and none failed. It counts the skipped ones, which show nothing. */
export function findingOf({ testResults }: TestResults): Finding {
	const tests = testResults.flatMap((file) => file.assertionResults);
	const count = (status: string) => tests.filter((test) => test.status === status).length;
	const failed = tests.filter((test) => test.status === 'failed').map(({ fullName }) => fullName);
	const passed = count('passed');
	const skipped = tests.length - passed - failed.length;
	const isWhole = testResults.every((file) => file.status === 'passed');
	return {
		holds: passed > 0 && failed.length === 0 && isWhole,
		seen:
			`${passed} passed, ${failed.length} failed, ` +
			`${skipped} skipped, which need a second subject or a right to kill` +
			(failed.length === 0 ? '' : `; failed: ${failed.join('; ')}`),
	};
}
