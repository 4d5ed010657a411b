import { expect, test } from 'vitest';
import { parseCommandLine } from '../../engines/command-line.ts';

const known = ['embedded', 'ministack', 'aws'];

test('every engine is tried, and none is required, unless the command line says otherwise', () => {
	expect(parseCommandLine([], known)).toEqual({ command: 'run', names: known, required: [], json: false });
});

test('engines are chosen and required by their names, and run in their own order', () => {
	expect(parseCommandLine(['--only', 'aws,embedded', '--require', 'aws', '--json'], known)).toEqual({
		command: 'run',
		names: ['embedded', 'aws'],
		required: ['aws'],
		json: true,
	});
});

test.each([
	[['--only', 'dynamo'], 'there is no engine "dynamo"'],
	[['--require', 'embedded,'], 'there is no engine ""'],
	[['--only', 'aws', '--require', 'ministack'], '--only leaves out "ministack", which --require asks for'],
	[['--everything'], "Unknown option '--everything'"],
	[['aws'], "Unexpected argument 'aws'"],
])('%j is refused, and why is said', (args, problem) => {
	expect(parseCommandLine(args, known)).toMatchObject({ command: 'refuse', problem: expect.stringContaining(problem) });
});
