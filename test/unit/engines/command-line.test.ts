import { expect, test } from 'vitest';
import { parseCommandLine } from '../../engines/command-line.ts';

const known = ['embedded', 'ministack', 'aws'];

test('by default, every engine is tried and none is required', () => {
	expect(parseCommandLine([], known)).toEqual({ kind: 'run', names: known, required: [], json: false });
});

test('engines are chosen and required by name, and run in a fixed order', () => {
	expect(parseCommandLine(['--only', 'aws,embedded', '--require', 'aws', '--json'], known)).toEqual({
		kind: 'run',
		names: ['embedded', 'aws'],
		required: ['aws'],
		json: true,
	});
});

test.each([
	[['--only', 'dynamo'], 'there is no engine "dynamo"'],
	[['--require', 'embedded,'], 'there is no engine ""'],
	[['--only', 'aws', '--require', 'ministack'], '--only leaves out "ministack", but --require needs it'],
	[['--everything'], "Unknown option '--everything'"],
	[['aws'], "Unexpected argument 'aws'"],
])('%j is refused with the reason', (args, problem) => {
	expect(parseCommandLine(args, known)).toMatchObject({ kind: 'refuse', problem: expect.stringContaining(problem) });
});
