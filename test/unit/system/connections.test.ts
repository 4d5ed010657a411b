import { createServer, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test, vi } from 'vitest';
import { callLimits } from '../../../functions/system/aws/call-limits.ts';
import { createAgents, withLiveConnections } from '../../../functions/system/aws/connections.ts';
import { createHttpClient } from '../../support/agent-client.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

/** A server that tells by which of its connections a call has come. */
async function stage() {
	const numbers = new WeakMap<object, number>();
	const held: ServerResponse[] = [];
	let connections = 0;
	const server = createServer((request, response) => {
		if (request.url === '/held') held.push(response);
		else response.end(String(numbers.get(request.socket)));
	});
	server.on('connection', (socket) => numbers.set(socket, ++connections));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const clock = createSettableClock();
	const { httpAgent } = createAgents(clock);
	const call = createHttpClient(server, httpAgent);
	onTestFinished(async () => {
		httpAgent.destroy();
		server.close();
		// The next test has another clock, and agents look at theirs until all is closed.
		await vi.waitFor(() => expect(Object.values(httpAgent.freeSockets).flat()).toEqual([]));
	});
	return { clock, call, held, invoke: withLiveConnections(call, clock) };
}

test('invocations without a pause share a connection', async () => {
	const { clock, invoke } = await stage();
	expect(await invoke('/')).toBe('1');
	clock.advance(1_000);
	expect(await invoke('/')).toBe('1');
});

test('after a pause, an invocation uses none of the idle connections', async () => {
	const { clock, invoke, call } = await stage();
	expect(new Set(await Promise.all([invoke('/'), call('/'), call('/')]))).toEqual(new Set(['1', '2', '3']));
	clock.advance(1_001);
	expect(await invoke('/')).toBe('4');
	expect(await invoke('/')).toBe('4');
});

test('a pause counts by the wall clock if the monotonic clock stood still', async () => {
	const { clock, invoke } = await stage();
	expect(await invoke('/')).toBe('1');
	clock.setWall(clock.now().wallMs + 1_001);
	expect(await invoke('/')).toBe('2');
});

test('a connection that was in use during a pause ends with its call', async () => {
	const { clock, invoke, call, held } = await stage();
	const left = call('/held');
	await expect.poll(() => held.length).toBe(1);
	expect(await invoke('/')).toBe('2');
	clock.advance(1_001);
	expect(await invoke('/')).toBe('3');
	held[0]?.end('late');
	expect(await left).toBe('late');
	expect(await Promise.all([invoke('/'), call('/')])).toEqual(['3', '4']);
});

test('a connection that was idle for long is not used again, even without a pause', async () => {
	const { clock, invoke, call } = await stage();
	expect(await Promise.all([call('/'), call('/')])).toEqual(['1', '2']);
	for (let second = 0; second < 11; second++) {
		clock.advance(1_000);
		await invoke('/');
	}
	// One of them was in use all the time. The other one is replaced.
	expect((await Promise.all([invoke('/'), call('/')])).sort()).toEqual([expect.stringMatching('^[12]$'), '3']);
});

test('work that continues before the next invocation uses no connection from before the pause', async () => {
	const { clock, invoke, call, held } = await stage();
	const left = call('/held');
	await expect.poll(() => held.length).toBe(1);
	expect(await invoke('/')).toBe('2');
	clock.advance(1_001);
	held[0]?.end('late');
	expect(await left).toBe('late');
	expect(await call('/')).toBe('3');
	expect(await invoke('/')).toBe('3');
});

test('a wall clock that was set back during an invocation leaves no broken connection', async () => {
	const { clock, call, held } = await stage();
	const { wallMs } = clock.now();
	const invoke = withLiveConnections((act: () => Promise<unknown>) => act(), clock);
	await invoke(async () => {
		const later = call('/held');
		await expect.poll(() => held.length).toBe(1);
		await call('/');
		clock.advance(5_000);
		held[0]?.end();
		await later;
		clock.setWall(wallMs + 2_000);
	});
	expect(await invoke(() => call('/'))).toBe('3');
});

test('every client has its own agents, so that its end ends no other one’s calls', () => {
	const [one, other] = [callLimits(1_000).requestHandler, callLimits(1_000).requestHandler];
	expect(one.httpAgent).not.toBe(other.httpAgent);
	expect(one.httpsAgent).not.toBe(other.httpsAgent);
	expect(one.httpsAgent).toMatchObject({ keepAlive: true, maxSockets: 50 });
});
