import { createRemoteJWKSet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import type { LogPage } from '../../local/lambda/log-buffer.ts';
import type { Region } from '../../local/region.ts';
import { startGate } from './fixtures/gate.ts';
import { isRunning, obedientRegion } from './fixtures/local-functions.ts';

interface View {
	readonly name: string;
	readonly pid: number;
	readonly state: string;
	readonly invocations: number;
}

async function control<Body = unknown>({ control }: Region, method: string, path: string, body?: object) {
	const init = body ? { method, body: JSON.stringify(body) } : { method };
	const response = await fetch(`${control}${path}`, init);
	return { status: response.status, body: (await response.json()) as Body };
}

async function instancesOf(region: Region): Promise<View[]> {
	return (await control<View[]>(region, 'GET', '/instances')).body;
}

test('the control lists instances with process, state and number of invocations', async () => {
	const region = await obedientRegion({ instances: 2 });
	await fetch(region.url, { headers: { 'x-local-target': 'session-server-2' } });
	expect(await instancesOf(region)).toEqual([
		{ function: 'session-server', name: 'session-server-1', pid: expect.any(Number), state: 'idle', invocations: 0 },
		{ function: 'session-server', name: 'session-server-2', pid: expect.any(Number), state: 'idle', invocations: 1 },
		{ function: 'bus', name: 'bus-1', pid: expect.any(Number), state: 'idle', invocations: 0 },
	]);
});

test('a killed instance is gone when the kill is answered, and is replaced when a request needs it', async () => {
	const region = await obedientRegion({ instances: 2 });
	const [first, second] = await instancesOf(region);
	expect(await control(region, 'POST', '/instances/session-server-1/kill')).toEqual({ status: 200, body: {} });
	expect(isRunning(Number(first?.pid))).toBe(false);
	expect((await instancesOf(region)).map(({ name }) => name)).toEqual(['session-server-2', 'bus-1']);
	const gate = await startGate();
	const busy = fetch(`${region.url}/?${gate.query}`);
	await expect.poll(gate.arrivals).toBe(1);
	expect((await fetch(region.url)).headers.get('x-local-process')).toBe('session-server-3');
	gate.open();
	expect((await busy).status).toBe(200);
	expect((await instancesOf(region))[0]).toMatchObject({ pid: second?.pid });
});

test('killing an instance now fails its request in progress, and killing it when idle lets the request finish', async () => {
	const region = await obedientRegion({ instances: 1 });
	const kill = async (name: string, when: string) => {
		const gate = await startGate();
		const request = fetch(`${region.url}/?${gate.query}`);
		await expect.poll(gate.arrivals).toBe(1);
		const killed = control(region, 'POST', `/instances/${name}/kill`, { when });
		if (when === 'now') await killed;
		gate.open();
		await killed;
		return (await request).status;
	};
	expect(await kill('session-server-1', 'now')).toBe(500);
	expect(await kill('session-server-2', 'idle')).toBe(200);
	expect((await instancesOf(region)).map(({ name }) => name)).toEqual(['bus-1']);
});

test('a stopped instance gets no requests, and answers again after it is continued', async () => {
	const region = await obedientRegion({ instances: 2 });
	await control(region, 'POST', '/instances/session-server-1/stop');
	expect(await instancesOf(region)).toMatchObject([{ state: 'stopped' }, { state: 'idle' }, { name: 'bus-1' }]);
	for (let i = 0; i < 10; i += 1)
		expect((await fetch(region.url)).headers.get('x-local-process')).toBe('session-server-2');
	await control(region, 'POST', '/instances/session-server-1/continue');
	const again = await fetch(region.url, { headers: { 'x-local-target': 'session-server-1' } });
	expect(again.headers.get('x-local-process')).toBe('session-server-1');
});

test('the clock of one instance can be set ahead while it runs', async () => {
	const region = await obedientRegion({ instances: 2 });
	/**
	 * Whether the instance's clock is ahead by `offsetMs`. It is read between two reads of ours.
	 */
	const isAhead = async (target: string, offsetMs: number) => {
		const before = Date.now();
		const response = await fetch(`${region.url}/?do=clock`, { headers: { 'x-local-target': target } });
		const { now } = (await response.json()) as { now: number };
		return before + offsetMs <= now && now <= Date.now() + offsetMs;
	};
	await control(region, 'POST', '/instances/session-server-1/clock', { offsetMs: 60_000 });
	expect(await isAhead('session-server-1', 60_000)).toBe(true);
	expect(await isAhead('session-server-2', 0)).toBe(true);
	await control(region, 'POST', '/instances/session-server-1/clock', { offsetMs: -60_000 });
	expect(await isAhead('session-server-1', -60_000)).toBe(true);
});

test('latency and fault of a service are set and reported', async () => {
	const region = await obedientRegion({ instances: 1, latencies: { s3: 25 } });
	expect((await control(region, 'GET', '/services')).body).toEqual({
		control: { latencyMs: 0, fault: 'none', calls: {} },
		dynamodb: { latencyMs: 0, fault: 'none', calls: {} },
		s3: { latencyMs: 25, fault: 'none', calls: {} },
		queue: { latencyMs: 0, fault: 'none', calls: expect.any(Object) },
		lambda: { latencyMs: 0, fault: 'none', calls: {} },
	});
	expect((await control(region, 'PUT', '/services/s3', { fault: 'hang' })).body).toEqual({
		latencyMs: 25,
		fault: 'hang',
		calls: {},
	});
});

test('the lines that processes write can be read from any line on', async () => {
	const region = await obedientRegion({ instances: 1 });
	await fetch(`${region.url}/?do=log&name=first`);
	await expect.poll(async () => (await control<LogPage>(region, 'GET', '/logs')).body.next).toBe(1);
	await fetch(`${region.url}/?do=log&name=second`);
	await expect
		.poll(async () => (await control(region, 'GET', '/logs?since=1')).body)
		.toEqual({
			entries: [
				{
					sequence: 2,
					atMs: expect.any(Number),
					process: 'session-server-1',
					stream: 'stdout',
					record: { message: 'second' },
				},
			],
			next: 2,
			dropped: 0,
		});
});

test('the control mints ID tokens with any claims', async () => {
	const region = await obedientRegion({ instances: 1 });
	const claims = { subject: 'grace', scope: 'admin', acr: 'aal2' };
	const { status, body } = await control<{ idToken: string }>(region, 'POST', '/id-tokens', claims);
	expect(status).toBe(200);
	const keys = createRemoteJWKSet(new URL(`${region.issuer}/jwks.json`));
	const { payload } = await jwtVerify(body.idToken, keys, { issuer: region.issuer, audience: 'leasehold-local' });
	expect(payload).toMatchObject({ sub: 'grace', scope: 'admin', acr: 'aal2' });
	expect(await control(region, 'POST', '/id-tokens', { subject: '' })).toMatchObject({
		status: 400,
		body: { error: expect.stringContaining('subject') },
	});
});

test('a wrong request is refused with the expected value', async () => {
	const region = await obedientRegion({ instances: 1 });
	expect(await control(region, 'PUT', '/services/s3', { latencyMs: -1 })).toEqual({
		status: 400,
		body: { error: expect.stringContaining('latencyMs') },
	});
	expect(await control(region, 'PUT', '/services/s3', { fault: 'fire' })).toMatchObject({ status: 400 });
	expect(await control(region, 'POST', '/instances/session-server-1/kill', { when: 'soon' })).toMatchObject({
		status: 400,
	});
	for (const path of ['/instances/nobody/kill', '/instances/session-server-1/dance', '/nothing'])
		expect(await control(region, 'POST', path)).toMatchObject({ status: 404 });
	expect(await control(region, 'PUT', '/services/redis', {})).toMatchObject({ status: 404 });
	expect((await instancesOf(region)).map(({ name }) => name)).toEqual(['session-server-1', 'bus-1']);
});
