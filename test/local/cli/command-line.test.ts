import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../local/cli/command-line.ts';

test('by default, the region has port 8787 and four session servers', () => {
	expect(parseCommandLine([])).toEqual({
		kind: 'run',
		region: { port: 8787, instances: 4, latencies: {} },
		servicesFile: undefined,
		json: false,
		verbose: false,
	});
});

test('every option is read', () => {
	const args = [
		'--port',
		'0',
		'--instances=2',
		'--services',
		'mine.json',
		'--latency',
		's3=25',
		'--latency=control=4',
		'--never-freeze',
		'--json',
		'--verbose',
	];
	expect(parseCommandLine(args)).toEqual({
		kind: 'run',
		region: { port: 0, instances: 2, latencies: { s3: 25, control: 4 }, rest: 'never' },
		servicesFile: 'mine.json',
		json: true,
		verbose: true,
	});
	expect(parseCommandLine(['--help'])).toEqual({ kind: 'help' });
});

test.each([
	[['--port', '65536'], '--port must be a whole number from 0 to 65535, not "65536"'],
	[['--port', ''], '--port must be a whole number from 0 to 65535, not ""'],
	[['--instances', '0'], '--instances must be a whole number from 1 to 64, not "0"'],
	[
		['--latency', 'redis=1'],
		'--latency must be NAME=MS, where NAME is one of control, dynamodb, s3, queue, lambda, not "redis"',
	],
	[['--latency', 's3'], '--latency s3 must be a whole number from 0 to 60000, not ""'],
	[['--latency', 's3=1.5'], '--latency s3 must be a whole number from 0 to 60000, not "1.5"'],
	[['--what'], "Unknown option '--what'"],
	[['something'], "Unexpected argument 'something'"],
	[['--port'], "Option '--port <value>' argument missing"],
])('%j is refused with one line that gives the reason', (args, problem) => {
	const commandLine = parseCommandLine(args);
	if (commandLine.kind !== 'refuse') throw new Error('it was not refused');
	expect(commandLine.problem).toContain(problem);
	expect(commandLine.problem).not.toContain('\n');
});
