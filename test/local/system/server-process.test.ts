import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startServerProcess } from '../../../local/system/server-process.ts';
import { isRunning } from '../fixtures/local-functions.ts';
import { startIdleServer } from '../fixtures/start-idle-server.ts';

const processesOf = async (url: string) => (await (await fetch(url)).json()) as readonly number[];

test('a started server serves, and closing it ends its processes and removes its folder', async () => {
	const server = await startIdleServer();
	const processes = await processesOf(server.url);
	expect(processes.filter(isRunning)).toHaveLength(2);
	expect(existsSync(server.folder)).toBe(true);
	await server.close();
	await expect.poll(() => processes.filter(isRunning)).toEqual([]);
	expect(existsSync(server.folder)).toBe(false);
});

test('a server and its processes end when the process that started it is killed', async () => {
	const owner = spawn(process.execPath, [fileURLToPath(new URL('../fixtures/server-owner.ts', import.meta.url))], {
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	onTestFinished(() => void owner.kill('SIGKILL'));
	const [url] = await once(owner.stdout.setEncoding('utf8'), 'data');
	const processes = await processesOf(String(url).trim());
	expect(processes.filter(isRunning)).toHaveLength(2);
	owner.kill('SIGKILL');
	await expect.poll(() => processes.filter(isRunning), { timeout: 5_000 }).toEqual([]);
});

test.each([
	['sh', 'ended at once', ['-c', 'echo it cannot >&2; exit 3'], 'it cannot', 20_000],
	['no-such-program', 'ended at once', [], 'ENOENT', 20_000],
	['sleep', 'was not ready within 0.3 s', ['600'], '', 300],
])('starting %s as a server fails with: %s', async (file, what, args, complaint, startMsMax) => {
	const starting = startServerProcess({
		name: 'hopeless',
		command: ({ folder }) => ({ file, args, environment: { PATH: process.env['PATH'] }, cwd: folder }),
		isReady: async (url) => (await fetch(url)).ok,
		startMsMax,
	});
	await expect(starting).rejects.toThrow(new RegExp(`^hopeless ${what}[^]*${complaint}`));
});

test('a server is not started if its port is taken, even if something answers there', async () => {
	const other = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
	onTestFinished(() => void other.close());
	await once(other, 'listening');
	const { port } = other.address() as AddressInfo;
	await expect(startIdleServer({ port })).rejects.toThrow('EADDRINUSE');
});

test('a server is ready when isReady says so, and not at the first answer', async () => {
	const asked: string[] = [];
	const server = await startIdleServer({
		isReady: async (url, folder) => {
			await fetch(url);
			return asked.push(folder) > 2;
		},
	});
	onTestFinished(() => server.close());
	expect(asked).toEqual([server.folder, server.folder, server.folder]);
});
