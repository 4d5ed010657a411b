import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRest, type Rest } from '../../../local/lambda/rest.ts';
import { startGate } from '../fixtures/gate.ts';
import { obedientFunction, obedientRegion } from '../fixtures/local-functions.ts';
import { processState } from '../fixtures/process-state.ts';

const day = 24 * 3_600_000;

function restFor(lifeMs: number, stood: number[] = []): Rest {
	return { lifeMs: () => lifeMs, onThaw: (_, stoodMs) => void stood.push(stoodMs) };
}

test('an instance stands still from its start and after each answer, and runs during an invocation', async () => {
	const stood: number[] = [];
	const { pool } = await obedientFunction({ instancesMax: 1, rest: restFor(day, stood) });
	await pool.start(1);
	const pid = Number(pool.instances()[0]?.pid);
	await expect.poll(() => processState(pid)).toBe('T');
	const gate = await startGate();
	const invoked = pool.invoke(gate.wish);
	await expect.poll(gate.arrivals).toBe(1);
	expect(processState(pid)).not.toBe('T');
	gate.open();
	expect(await invoked).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
	await expect.poll(() => processState(pid)).toBe('T');
	await delay(100);
	expect(await pool.invoke({})).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
	expect(stood).toEqual([expect.any(Number), expect.any(Number)]);
	expect(stood[1]).toBeGreaterThanOrEqual(99);
});

test('work that an answer left behind continues with the next event only', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1, rest: restFor(day) });
	await pool.start(1);
	await pool.invoke({ do: 'leave-work', ms: '20' });
	await delay(300);
	const invokedAtMs = Date.now();
	const outcome = await pool.invoke({ do: 'worked' });
	const { workedAtMs } = JSON.parse(outcome.kind === 'answered' ? (outcome.payload as { body: string }).body : '{}');
	expect(workedAtMs).toBeGreaterThanOrEqual(invokedAtMs);
});

test('an instance that stands still can be stopped, continued, given a clock and killed', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1, rest: restFor(day) });
	await pool.start(1);
	const [instance] = pool.instances();
	if (!instance) throw new Error('one was started');
	instance.setClock(3_600_000);
	await instance.freeze('idle');
	expect(await pool.invoke({}, { target: instance.name, waitMs: 50 })).toEqual({ kind: 'throttled' });
	instance.thaw();
	expect(processState(instance.pid)).toBe('T');
	const outcome = await pool.invoke({ do: 'clock' }, { target: instance.name });
	const { now } = JSON.parse(outcome.kind === 'answered' ? (outcome.payload as { body: string }).body : '{}');
	expect(now - Date.now()).toBeGreaterThan(3_000_000);
	await instance.kill('idle');
	expect(pool.instances()).toEqual([]);
});

test('an instance ends after its life, between two invocations, and a burst starts others', async () => {
	const { pool, crashes } = await obedientFunction({ instancesMax: 3, rest: restFor(1) });
	const gate = await startGate();
	const invoked = Array.from({ length: 3 }, () => pool.invoke(gate.wish));
	await expect.poll(gate.arrivals, { timeout: 5_000 }).toBe(3);
	gate.open();
	for (const outcome of await Promise.all(invoked)) expect(outcome).toMatchObject({ kind: 'answered' });
	await expect.poll(() => pool.instances().length).toBe(0);
	expect(crashes).toEqual([]);
});

test('an instance that ends makes room for the next invocation at once', async () => {
	const { pool } = await obedientFunction({ instancesMax: 1, rest: restFor(1) });
	expect(await pool.invoke({})).toMatchObject({ kind: 'answered', instance: 'obedient-1' });
	expect(await pool.invoke({})).toMatchObject({ kind: 'answered', instance: 'obedient-2' });
});

test('the lives are drawn by the seed, from the shortest to the longest', () => {
	const livesOf = (seed: number) => {
		const rest = createRest({ seed, lifeMs: [1_000, 2_000] }, () => undefined);
		return Array.from({ length: 20 }, () => rest.lifeMs());
	};
	expect(livesOf(1)).toEqual(livesOf(1));
	expect(livesOf(1)).not.toEqual(livesOf(2));
	expect(Math.min(...livesOf(3))).toBeGreaterThanOrEqual(1_000);
	expect(Math.max(...livesOf(3))).toBeLessThanOrEqual(2_000);
	expect(new Set(livesOf(4)).size).toBe(20);
});

test('in a region, functions stand between requests by default, and run on if told so', async () => {
	for (const [options, state] of [
		[{}, /T/],
		[{ rest: 'never' }, /[^T]/],
	] as const) {
		const region = await obedientRegion({ instances: 1, busInstancesAtStart: 1, ...options });
		expect(region.freezes).toBe(state.test('T'));
		expect((await fetch(`${region.url}/?do=nothing`)).status).toBe(204);
		// The control endpoint answers whatever the functions do.
		const instances = (await (await fetch(`${region.control}/instances`)).json()) as readonly { pid: number }[];
		expect(instances).toHaveLength(2);
		for (const { pid } of instances) await expect.poll(() => processState(pid)).toMatch(state);
		await region.stop();
	}
});
