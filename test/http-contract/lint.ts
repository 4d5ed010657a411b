import { fileURLToPath } from 'node:url';
import type { Outcome } from './outcome.ts';
import { runProgram } from './run-program.ts';

const project = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('../../node_modules/.bin/redocly', import.meta.url));
const configuration = fileURLToPath(new URL('./redocly.yaml', import.meta.url));

/** Lints the committed contract with Redocly CLI. */
export async function lint(signal: AbortSignal): Promise<Outcome> {
	const status = await runProgram(process.execPath, [program, 'lint', 'docs/openapi.json', '--config', configuration], {
		cwd: project,
		environment: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
		signal,
	});
	return status === 0
		? { name: 'lint', passed: 1, failures: [] }
		: { name: 'lint', passed: 0, failures: ['Redocly CLI has found problems'] };
}
