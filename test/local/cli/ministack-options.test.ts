import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parseMiniStackOptions } from '../../../local/ministack/options.ts';

const main = fileURLToPath(new URL('../../../local/ministack/main.ts', import.meta.url));

test('by default, the endpoint has LocalStack’s port', () => {
	expect(parseMiniStackOptions([])).toEqual({ kind: 'run', port: 4566 });
	expect(parseMiniStackOptions(['--port', '0'])).toEqual({ kind: 'run', port: 0 });
	expect(parseMiniStackOptions(['--port', 'abc', '--help'])).toEqual({ kind: 'help' });
});

test.each([
	[['--port', 'abc'], '--port must be a whole number from 0 to 65535, not "abc"'],
	[['--port', '99999'], '--port must be a whole number from 0 to 65535, not "99999"'],
	[['--bogus'], "Unknown option '--bogus'"],
	[['4567'], "Unexpected argument '4567'"],
])('%j is refused with one line that gives the reason', (args, problem) => {
	expect(parseMiniStackOptions(args)).toEqual({ kind: 'refuse', problem });
});

test('a taken port is reported in one line with exit status 1, even if another MiniStack has it', async () => {
	const other = createServer((_request, response) => response.end('{"edition":"light"}')).listen(0, '127.0.0.1');
	onTestFinished(() => void other.close());
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	const child = execFile(process.execPath, [main, '--port', String(port)]);
	const output = { stdout: '', stderr: '' };
	child.stdout?.on('data', (text) => {
		output.stdout += text;
	});
	child.stderr?.on('data', (text) => {
		output.stderr += text;
	});
	const [status] = await once(child, 'close');
	expect({ status, ...output }).toEqual({
		status: 1,
		stdout: '',
		stderr: `Port ${port} is taken. Choose another one with --port, or use --port 0 for any free port.\n`,
	});
});
