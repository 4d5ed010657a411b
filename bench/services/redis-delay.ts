/**
 * `node redis-delay.ts PORT`: a process that forwards connections to Redis and delays each request.
 * Its parent sets the delay. It has its own process, because a wait of less than a millisecond
 * blocks that.
 */
import { connect, createServer, type Socket } from 'node:net';
import type { FromDelay, ToDelay } from './redis.ts';

const [port] = process.argv.slice(2).map(Number);
let condition: ToDelay = { delayMs: 0, down: false };
const sockets = new Set<Socket>();

interface Delayed {
	readonly dueMs: number;
	readonly act: () => void;
}
const queue: Delayed[] = [];
const sleeper = new Int32Array(new SharedArrayBuffer(4));
let armed = false;

function later(act: () => void): void {
	queue.push({ dueMs: performance.now() + condition.delayMs, act });
	arm();
}

function arm(): void {
	const [next] = queue;
	if (armed || next === undefined) return;
	armed = true;
	const leftMs = next.dueMs - performance.now();
	// Timers are precise to a millisecond. The rest is waited for without work.
	if (leftMs > timerMs) setTimeout(release, Math.floor(leftMs - 1));
	else setImmediate(release);
}

const timerMs = 2;

function release(): void {
	armed = false;
	const leftMs = (queue[0]?.dueMs ?? 0) - performance.now();
	if (leftMs > timerMs) {
		arm();
		return;
	}
	if (leftMs > 0) Atomics.wait(sleeper, 0, 0, leftMs);
	while (queue[0] !== undefined && queue[0].dueMs <= performance.now()) queue.shift()?.act();
	arm();
}

const server = createServer((client) => {
	if (condition.down) {
		client.destroy();
		return;
	}
	const redis = connect(Number(port), '127.0.0.1');
	sockets.add(client);
	for (const socket of [client, redis]) {
		socket.setNoDelay(true);
		socket.on('error', () => undefined);
	}
	client.on('data', (bytes) => later(() => redis.write(bytes)));
	redis.on('data', (bytes) => client.write(bytes));
	client.on('close', () => {
		sockets.delete(client);
		redis.destroy();
	});
	redis.on('close', () => client.destroy());
});
server.listen(0, '127.0.0.1', () => {
	const address = server.address();
	if (address !== null && typeof address === 'object') process.send?.({ port: address.port } satisfies FromDelay);
});
process.on('message', (message: ToDelay) => {
	condition = message;
	if (message.down) for (const socket of sockets) socket.destroy();
});
process.on('disconnect', () => process.exit(0));
