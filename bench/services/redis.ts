import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A message to the process that delays. */
export interface ToDelay {
	/** Added to each request. */
	readonly delayMs: number;
	/** Cuts every connection and accepts no other. */
	readonly down: boolean;
}

/** A message from it. */
export interface FromDelay {
	readonly port: number;
}

/** A Redis for one run, which keeps nothing on disk. */
export interface Redis {
	/** The address for clients, with the delay. */
	readonly url: string;
	/** Redis' own version. */
	readonly version: string;
	set(condition: ToDelay): void;
	/** How often each command was called since the start. */
	calls(): Promise<Readonly<Record<string, number>>>;
	stop(): Promise<void>;
}

/**
 * Debian's package of the tools has the server also: the program decides by its name. So no service
 * of the machine starts when it is installed.
 */
const programs = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/usr/bin/redis-check-rdb'];
const debianPackage = 'redis-tools';

/**
 * Starts Redis with a delay of this many milliseconds.
 *
 * @throws if there is no Redis, and this process may not install Debian's
 */
export async function startRedis(delayMs: number): Promise<Redis> {
	const program = findProgram() ?? installed();
	const port = await freePort();
	const arguments_ = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
	const server = spawn(program, arguments_, { argv0: 'redis-server', stdio: 'ignore' });
	const proxy = fork(fileURLToPath(new URL('./redis-delay.ts', import.meta.url)), [String(port)]);
	const stop = async () => {
		await Promise.all([ended(server, 'SIGTERM'), ended(proxy, 'SIGKILL')]);
	};
	try {
		const [{ port: delayed }] = (await once(proxy, 'message')) as [FromDelay];
		const set = (condition: ToDelay) => void proxy.send(condition);
		set({ delayMs, down: false });
		await until(async () => (await ask(port, 'PING')).includes('PONG'));
		const info = await ask(port, 'INFO server');
		return {
			url: `redis://127.0.0.1:${delayed}`,
			version: /redis_version:([\d.]+)/.exec(info)?.[1] ?? 'unknown',
			set,
			calls: async () => callsIn(await ask(port, 'INFO commandstats')),
			stop,
		};
	} catch (error) {
		await stop();
		throw error;
	}
}

function findProgram(): string | undefined {
	return programs.find((program) => existsSync(program));
}

function installed(): string {
	if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0)
		throw new Error('There is no redis-server. Install Redis, or run the benchmark as root on Debian.');
	execFileSync('apt-get', ['install', '--yes', '--no-install-recommends', debianPackage], {
		stdio: ['ignore', 'ignore', 'inherit'],
		env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
	});
	const program = findProgram();
	if (program === undefined) throw new Error(`Debian's ${debianPackage} has no Redis server.`);
	return program;
}

/** Commands that say nothing about a session. */
const ownCommands = new Set([
	'ping',
	'info',
	'hello',
	'client|setinfo',
	'client|maint_notifications',
	'select',
	'auth',
	'quit',
]);

/** Reads `cmdstat_get:calls=3,usec=…`. */
export function callsIn(commandStatistics: string): Readonly<Record<string, number>> {
	const lines = [...commandStatistics.matchAll(/cmdstat_([\w|]+):calls=(\d+)/g)];
	const calls = lines.map(([, command, count]) => [String(command), Number(count)] as const);
	return Object.fromEntries(calls.filter(([command]) => !ownCommands.has(command)));
}

/** Sends one command as a line, past the delay. */
function ask(port: number, command: string): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\nQUIT\r\n`));
		let text = '';
		socket.on('data', (bytes) => {
			text += bytes.toString();
		});
		socket.on('error', reject);
		socket.on('close', () => resolve(text));
	});
}

async function until(holds: () => Promise<boolean>): Promise<void> {
	for (let tries = 0; tries < 100; tries++) {
		if (await holds().catch(() => false)) return;
		await delay(50);
	}
	throw new Error('Redis did not start within five seconds.');
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exit = once(child, 'exit');
	child.kill(signal);
	await exit;
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address();
	server.close();
	await once(server, 'close');
	return typeof address === 'object' && address !== null ? address.port : 0;
}
