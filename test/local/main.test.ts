import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { removeRunFolder } from '../../local/system/run-folder.ts';
import { checkedFetch } from '../support/api-contract/checked-api.ts';
import { isRunning } from './fixtures/local-functions.ts';

const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url));

interface Ready {
	readonly url: string;
	readonly control: string;
	readonly issuer: string;
	readonly idToken: string;
}

function start(...args: string[]) {
	const child: ChildProcessByStdio<null, Readable, Readable> = spawn(process.execPath, [main, ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true, // In its own process group, like a program that a shell starts.
	});
	const output = { stdout: '', stderr: '' };
	child.stdout.on('data', (chunk) => {
		output.stdout += chunk;
	});
	child.stderr.on('data', (chunk) => {
		output.stderr += chunk;
	});
	const exited = once(child, 'close').then(([code]) => code as number | null);
	onTestFinished(() => void child.kill('SIGKILL'));
	const firstLine = async () => {
		await Promise.race([once(child.stdout, 'data'), exited]);
		return output.stdout;
	};
	return { child, output, exited, firstLine };
}

async function servicesFile(text: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-services-'));
	onTestFinished(() => rm(folder, { recursive: true }));
	const file = join(folder, 'services.json');
	await writeFile(file, text);
	return file;
}

async function startJson(...args: string[]) {
	const started = start('--port', '0', '--instances', '2', '--json', ...args);
	const ready = JSON.parse(await started.firstLine()) as Ready;
	const left = await traces(started.child);
	expect(left.processes).toHaveLength(4); // Two session servers, the bus and the guardian.
	const instances = (await (await fetch(`${ready.control}/instances`)).json()) as readonly { pid: number }[];
	return { ...started, ready, left, instances };
}

interface Traces {
	readonly processes: readonly number[];
	readonly folder: string;
}

/**
 * The processes and the folder that must be gone when the region is. The guardian's arguments name
 * the folder.
 */
async function traces({ pid }: { pid?: number | undefined }): Promise<Traces> {
	for (;;) {
		const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,args=']);
		const children = stdout.split('\n').filter((line) => line.trim().split(/\s+/)[1] === String(pid));
		const folder = /\S+\/\.leasehold\/region-\w+/.exec(children.join('\n'))?.[0];
		// A region that has already ended has no children to list.
		if (pid === undefined || !isRunning(pid)) return { processes: [], folder: 'none' };
		if (folder) return { processes: children.map((line) => Number.parseInt(line, 10)), folder };
	}
}

function remainsOf({ processes, folder }: Traces) {
	return { processes: processes.filter(isRunning), folder: existsSync(folder) };
}

const nothing = { processes: [], folder: false };

test('npm start --json serves the API and prints the addresses in one line', async () => {
	const { ready, output, child, exited } = await startJson();
	expect(Object.keys(ready)).toEqual(['url', 'control', 'issuer', 'idToken', 'page']);
	const login = await checkedFetch(`${ready.url}/v1/sessions`, {
		method: 'POST',
		headers: { authorization: `Bearer ${ready.idToken}`, 'content-type': 'application/json' },
		body: '{"delivery":"bearer"}',
	});
	expect(login.status).toBe(201);
	const { token } = (await login.json()) as { token: string };
	const authorize = (service: string) =>
		checkedFetch(`${ready.url}/v1/authorize?service=${service}`, { headers: { authorization: `Bearer ${token}` } });
	expect((await authorize('billing')).status).toBe(204);
	expect((await authorize('admin')).status).toBe(403);
	child.kill('SIGTERM');
	expect(await exited).toBe(0);
	expect(output.stdout.split('\n')).toHaveLength(2);
	expect(output.stderr).toBe('');
});

test.each(['SIGINT', 'SIGTERM'] as const)(
	'%s ends the region and leaves nothing behind, even if it comes twice',
	async (signal) => {
		const { ready, child, exited, left } = await startJson();
		await fetch(`${ready.control}/instances/session-server-1/stop`, { method: 'POST' });
		child.kill(signal);
		child.kill(signal);
		expect(await exited).toBe(0);
		expect(remainsOf(left)).toEqual(nothing);
	},
);

test('a killed region leaves nothing behind, including stopped instances', async () => {
	const { ready, child, exited, left } = await startJson();
	await fetch(`${ready.control}/instances/session-server-1/stop`, { method: 'POST' });
	child.kill('SIGKILL');
	await exited;
	await expect.poll(() => remainsOf(left), { timeout: 5_000 }).toEqual(nothing);
});

test('instances that run end with their region, even if the guardian is gone', async () => {
	// Only a signal reaches an instance that stands still.
	const { child, exited, left, instances } = await startJson('--never-freeze');
	const [guardian] = left.processes.filter((pid) => !instances.some((instance) => instance.pid === pid));
	process.kill(Number(guardian), 'SIGKILL');
	child.kill('SIGKILL');
	await exited;
	await expect.poll(() => remainsOf(left).processes, { timeout: 5_000 }).toEqual([]);
	await removeRunFolder(left.folder);
});

test('the region ends with the process that started it', async () => {
	const shell = spawn('/bin/sh', ['-c', `"${process.execPath}" "${main}" --port 0 --json & echo $!; wait`], {
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	onTestFinished(() => void shell.kill('SIGKILL'));
	let output = '';
	shell.stdout.on('data', (chunk) => {
		output += chunk;
	});
	await expect.poll(() => output, { timeout: 25_000 }).toContain('"url"');
	const region = Number.parseInt(output, 10);
	const left = await traces({ pid: region });
	shell.kill('SIGKILL');
	await expect
		.poll(() => remainsOf({ ...left, processes: [region, ...left.processes] }), { timeout: 5_000 })
		.toEqual(nothing);
});

test('a signal before the region is ready ends it', async () => {
	const { child, exited, output } = start('--port', '0');
	const left = await traces(child);
	child.kill('SIGTERM');
	expect(await exited).toBe(0);
	expect(output).toEqual({ stdout: '', stderr: '' });
	expect(remainsOf(left)).toEqual(nothing);
});

test('Ctrl-C in a terminal, which also reaches child processes, is no failure', async () => {
	for (const afterMs of [0, 100, 200]) {
		const { child, exited, output } = start('--port', '0');
		const bundler = new RegExp(`^ *${child.pid} .*esbuild`, 'm');
		await expect
			.poll(async () => (await promisify(execFile)('ps', ['-A', '-o', 'ppid=,args='])).stdout)
			.toMatch(bundler);
		await delay(afterMs);
		process.kill(-Number(child.pid), 'SIGINT');
		const status = await exited;
		expect({ status, ...output }).toEqual({ status: 0, stdout: '', stderr: '' });
	}
});

test.each([
	['{', 'is not JSON: '],
	['[{ "name": "Profile!" }]', 'service catalog, 0.name: must be 1 to 63 lowercase letters, digits and hyphens'],
])('the wrong service catalog %s is reported in one line with exit status 1', async (text, problem) => {
	const { exited, output } = start('--port', '0', '--services', await servicesFile(text));
	expect(await exited).toBe(1);
	expect(output.stderr).toMatch(/^\S+\.json:? [^\n]+\n$/);
	expect(output.stderr).toContain(problem);
});

test('a taken port is reported in one line with exit status 1, and nothing stays running', async () => {
	const taken = createServer().listen(0, '127.0.0.1');
	onTestFinished(() => void taken.close());
	await once(taken, 'listening');
	const { port } = taken.address() as AddressInfo;
	const { child, exited, output } = start('--port', String(port));
	const left = await traces(child);
	expect(await exited).toBe(1);
	expect(output.stderr).toBe(
		`Port ${port} is taken. Choose another one with --port, or use --port 0 for any free port.\n`,
	);
	expect(output.stdout).toBe('');
	expect(remainsOf(left)).toEqual(nothing);
});

test('a wrong option is reported in one line and the usage, with exit status 2', async () => {
	const { exited, output } = start('--instances', 'many');
	expect(await exited).toBe(2);
	expect(output.stderr).toMatch(/^--instances must be a whole number from 1 to 64, not "many"\n\nUsage: npm start -- /);
	expect(output.stdout).toBe('');
});
