import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** Runs one of the project's programs to its end. */
function run(program: string, args: readonly string[]): Promise<{ status: unknown; stdout: string; stderr: string }> {
	const file = fileURLToPath(new URL(`../../../${program}`, import.meta.url));
	return new Promise((resolve) => {
		execFile(process.execPath, [file, ...args], (error, stdout, stderr) =>
			resolve({ status: error === null ? 0 : error.code, stdout, stderr }),
		);
	});
}

describe.each([
	['npm start', 'local/main.ts', ['--seeds', '1'], "Unknown option '--seeds'"],
	['npm run ministack', 'local/ministack/main.ts', ['--port', 'abc'], '--port must be a whole number from 0 to 65535'],
	['npm run drill', 'drills/main.ts', ['bogus'], 'there is no drill "bogus"'],
	[
		'npm run simulate',
		'test/simulation/main.ts',
		['--mutant', 'x'],
		'there is no mutant "x"; --list-mutants lists them',
	],
	['npm run previous-release', 'drills/releases/previous-release.ts', [], 'name the tag or commit with --from'],
	['npm run contract', 'test/engines/main.ts', ['--only', 'x'], 'there is no engine "x"'],
])('%s', (name, program, wrong, problem) => {
	test.concurrent('prints its usage to stdout and succeeds if asked for help', async () => {
		expect(await run(program, ['--help'])).toEqual({
			status: 0,
			stdout: expect.stringMatching(new RegExp(`^Usage: ${name} .*--help`, 's')),
			stderr: '',
		});
	});

	test.concurrent('prints the problem and its usage to stderr with exit status 2 if the command line is wrong', async () => {
		const { status, stdout, stderr } = await run(program, wrong);
		expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
		const [sentence, empty, usage] = stderr.split('\n');
		expect({ sentence, empty }).toEqual({ sentence: expect.stringContaining(problem), empty: '' });
		expect(usage).toContain(`Usage: ${name}`);
	});
});
