import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { startGate } from '../fixtures/gate.ts';
import { isRunning, obedientFunction, unloadable } from '../fixtures/local-functions.ts';

/** The body that an obedient function answered. */
function bodyOf(outcome: { kind: string; payload?: unknown }) {
	if (outcome.kind !== 'answered') throw new Error(`not answered: ${JSON.stringify(outcome)}`);
	return JSON.parse((outcome.payload as { body: string }).body);
}

const sleep = (ms: number) => ({ do: 'sleep', ms: String(ms) });

test('each instance answers one invocation at a time, and others start when they are needed', async () => {
	const { pool } = await obedientFunction({ instancesMax: 3 });
	await pool.start(1);
	const gate = await startGate();
	const invoked = Array.from({ length: 9 }, () => pool.invoke(gate.wish, { waitMs: 10_000 }));
	await expect.poll(gate.arrivals).toBe(3);
	gate.open();
	const answers = (await Promise.all(invoked)).map(bodyOf);
	expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
	expect(answers.map(({ runningMost }) => runningMost)).toEqual(Array(9).fill(1));
});

test('an idle instance is chosen at random', async () => {
	const { pool } = await obedientFunction();
	await pool.start(3);
	const pids = new Set<unknown>();
	for (let i = 0; i < 60; i += 1) pids.add(bodyOf(await pool.invoke(sleep(0))).pid);
	expect(pids.size).toBe(3);
});

test('at the limit of instances, an invocation is throttled at once or after its wait', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1 });
	await pool.start(1);
	const gate = await startGate();
	const busy = pool.invoke(gate.wish);
	expect(await pool.invoke({})).toEqual({ kind: 'throttled' });
	expect(await pool.invoke({}, { waitMs: 50 })).toEqual({ kind: 'throttled' });
	const patient = pool.invoke({}, { waitMs: 10_000 });
	gate.open();
	expect(await patient).toMatchObject({ kind: 'answered' });
	expect(await busy).toMatchObject({ kind: 'answered' });
});

test('an error of the handler fails its invocation, and the instance stays in use', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1 });
	expect(await pool.invoke({ do: 'throw' })).toMatchObject({
		kind: 'failed',
		error: { errorType: 'RangeError', errorMessage: 'as I was told', trace: expect.any(Array) },
		instance: 'obedient-1',
	});
	expect(await pool.invoke({ do: 'unserializable' })).toMatchObject({
		kind: 'failed',
		error: { errorType: 'TypeError' },
	});
	expect(await pool.invoke({})).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
});

test('without source maps, as deployed, the trace of an error names the bundle', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1, sourceMaps: false });
	const outcome = await pool.invoke({ do: 'throw' });
	expect(outcome.kind === 'failed' ? outcome.error.trace?.[1] : undefined).toContain('index.mjs');
});

test('the trace of an error names the lines of the source', async () => {
	const { pool } = await obedientFunction();
	const outcome = await pool.invoke({ do: 'throw' });
	expect(JSON.stringify(outcome)).toContain('obedient-handler.ts');
});

test('an instance that exceeds its function’s timeout is killed, even if it blocks', async () => {
	const { pool, crashes } = await obedientFunction({ timeoutMs: 2_000, instancesMax: 1 });
	await pool.start(1);
	expect(await pool.invoke({ do: 'block' })).toMatchObject({
		kind: 'failed',
		error: {
			errorType: 'Sandbox.Timedout',
			errorMessage: expect.stringContaining('Task timed out after 2.00 seconds'),
		},
		instance: 'obedient-1',
	});
	expect(await pool.invoke({}, { waitMs: 5_000 })).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
	expect(crashes).toEqual([]);
});

test('an instance that ends during an invocation fails it, and its last output is reported', async () => {
	const { pool, crashes } = await obedientFunction({ instancesMax: 1 });
	expect(await pool.invoke({ do: 'exit' })).toMatchObject({
		kind: 'failed',
		error: { errorType: 'Runtime.ExitError', errorMessage: expect.stringContaining('exit status 3') },
	});
	expect(crashes).toEqual([{ instance: 'obedient-1', stderrTail: ['last words'] }]);
	expect(await pool.invoke({}, { waitMs: 5_000 })).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
});

test('a kill when idle waits for the invocation in progress, and a kill now does not', async () => {
	const { pool } = await obedientFunction({ instancesMax: 2 });
	await pool.start(2);
	const [first, second] = pool.instances();
	if (!first || !second) throw new Error('two were started');
	const gate = await startGate();
	const spared = pool.invoke(gate.wish, { target: first.name });
	const struck = pool.invoke(gate.wish, { target: second.name });
	const killed = [first.kill('idle'), second.kill('now')];
	gate.open();
	await Promise.all(killed);
	expect(await spared).toMatchObject({ kind: 'answered' });
	expect(await struck).toMatchObject({
		kind: 'failed',
		error: { errorMessage: expect.stringContaining('signal: killed') },
	});
	expect(pool.instances()).toEqual([]);
	expect([first, second].map(({ pid }) => isRunning(pid))).toEqual([false, false]);
});

test('a killed instance gets no invocation, even if its last answer arrives after the kill', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1 });
	await pool.start(1);
	const [instance] = pool.instances();
	const last = pool.invoke({});
	for (let turn = 0; turn < 10; turn++) await Promise.resolve();
	spawnSync('sleep', ['0.5']); // The instance answers meanwhile, and this process does not read.
	const killed = instance?.kill('now');
	expect(await last).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
	expect(await pool.invoke({})).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
	await killed;
});

test('a stopped instance gets no invocations until it is continued', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1 });
	await pool.start(1);
	const [stopped] = pool.instances();
	await stopped?.freeze('idle');
	expect(stopped?.state()).toBe('stopped');
	expect(await pool.invoke({}, { target: 'obedient-1', waitMs: 200 })).toEqual({ kind: 'throttled' });
	// Stopped instances do not count toward the limit, so another one starts.
	expect(await pool.invoke({}, { waitMs: 5_000 })).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
	const awaited = pool.invoke({}, { target: 'obedient-1', waitMs: 2_000 });
	stopped?.thaw();
	expect(await awaited).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
});

test('an invocation of a frozen instance continues when the instance is thawed', async () => {
	const { pool } = await obedientFunction();
	await pool.start(1);
	const [instance] = pool.instances();
	const invoked = pool.invoke(sleep(1_500));
	await instance?.freeze('now');
	await new Promise((resolve) => setTimeout(resolve, 1_700));
	expect(instance?.state()).toBe('stopped');
	instance?.thaw();
	expect(instance?.state()).toBe('busy');
	expect(await invoked).toMatchObject({ kind: 'answered' });
	expect(instance?.state()).toBe('idle');
});

test('an invocation for a named instance waits for that instance', async () => {
	const { pool } = await obedientFunction();
	await pool.start(3);
	const gate = await startGate();
	const busy = pool.invoke(gate.wish, { target: 'obedient-2' });
	const next = pool.invoke({}, { target: 'obedient-2', waitMs: 10_000 });
	gate.open();
	expect(await next).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
	expect(await busy).toMatchObject({ instance: 'obedient-2' });
	expect(await pool.invoke({}, { target: 'nobody', waitMs: 2_000 })).toEqual({ kind: 'throttled' });
});

test('a clock offset moves only the wall clock of one instance', async () => {
	const { pool } = await obedientFunction({ environment: { LEASEHOLD_LOCAL_CLOCK_OFFSET_MS: '3600000' } });
	await pool.start(1);
	const near = (ms: number) => expect.closeTo(ms / 60_000, 0);
	const read = async () => {
		const { now, date, fixed, text } = bodyOf(await pool.invoke({ do: 'clock' }));
		return {
			now: (now - Date.now()) / 60_000,
			date: (Date.parse(date) - Date.now()) / 60_000,
			fixed,
			text: (Date.parse(text) - Date.now()) / 60_000,
		};
	};
	expect(await read()).toEqual({ now: near(3_600_000), date: near(3_600_000), fixed: 5, text: near(3_600_000) });
	pool.instances()[0]?.setClock(-1_800_000);
	expect(await read()).toEqual({ now: near(-1_800_000), date: near(-1_800_000), fixed: 5, text: near(-1_800_000) });
	expect(Number(bodyOf(await pool.invoke({ do: 'context' })).remainingMs)).toBeGreaterThan(4_000);
});

test('the context contains the function’s name, its ARN and the remaining time', async () => {
	const { pool } = await obedientFunction();
	const outcome = await pool.invoke({ do: 'context' });
	const { remainingMs, ...context } = bodyOf(outcome);
	expect(context).toEqual({
		awsRequestId: outcome.kind === 'answered' && outcome.requestId,
		functionName: 'obedient',
		invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:obedient',
	});
	expect(remainingMs).toBeLessThanOrEqual(5_000);
});

test('if a handler cannot be loaded, both the start and the invocation get the reason', async () => {
	const { pool } = await obedientFunction({ entries: unloadable });
	await expect(pool.start(1)).rejects.toThrow('a variable is missing');
	expect(await pool.invoke({}, { waitMs: 5_000 })).toMatchObject({
		kind: 'failed',
		error: { errorType: 'Runtime.InitError', errorMessage: expect.stringContaining('a variable is missing') },
	});
});

test('a process gets the environment of its function and no other', async () => {
	const { pool } = await obedientFunction({ environment: { ONLY: 'this' } });
	const { NODE_CHANNEL_FD: _, ...environment } = bodyOf(await pool.invoke({ do: 'environment' }));
	// The region's services know an instance by the latter.
	expect(environment).toEqual({ ONLY: 'this', AWS_SDK_UA_APP_ID: 'obedient-1' });
});
