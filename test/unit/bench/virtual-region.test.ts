import { describe, expect, test } from 'vitest';
import { createEnvironment, farAway } from '../../../bench/production/environment.ts';
import { createVirtualRegion } from '../../../bench/production/virtual-region.ts';
import { createVirtualTime } from '../../../bench/production/virtual-time.ts';
import { createRandom } from '../../../local/system/random.ts';

describe('virtual time', () => {
	test('passes in order, and no further than it should', async () => {
		const time = createVirtualTime();
		const seen: string[] = [];
		const note = (name: string, ms: number) => void time.sleep(ms).then(() => seen.push(`${name} ${time.now()}`));
		note('c', 30);
		note('a', 10);
		note('b', 20);
		await time.runUntil(25);
		expect(seen).toEqual(['a 10', 'b 20']);
		expect(time.now()).toBe(25);
		await time.runUntil(100);
		expect(seen.at(-1)).toBe('c 30');
	});
});

describe('an environment', () => {
	test('gets the answer to a call that outlasts its invocation in the next one', async () => {
		const time = createVirtualTime();
		const environment = createEnvironment(time);
		const effects: number[] = [];
		const port = farAway({ write: async () => effects.push(time.now()) }, 50, time, environment, () => undefined);
		let answeredAt: number | undefined;
		void environment.invoke(async () => {
			void port.write().then(() => {
				answeredAt = time.now();
			});
		});
		await time.runUntil(200);
		expect(effects).toEqual([50]);
		expect(answeredAt).toBeUndefined();
		void environment.invoke(() => time.sleep(1));
		await time.runUntil(300);
		expect(answeredAt).toBe(200);
	});
});

describe('the virtual region', () => {
	test("runs the product's session servers and bus, with the injected latencies", async () => {
		const region = createVirtualRegion(5, createRandom(1));
		const answers: { readonly status: number; readonly source: string | undefined; readonly tookMs: number }[] = [];
		const story = (async () => {
			const session = await region.login('ada');
			for (let visit = 0; visit < 40; visit++) {
				await region.time.sleep(200);
				answers.push(await region.decide(session));
			}
			await region.logout(session);
			await region.time.sleep(2_100);
			answers.push(await region.decide(session));
		})();
		await region.time.runUntil(20_000);
		await story;
		expect(answers.slice(0, -1).every(({ status }) => status === 204)).toBe(true);
		expect(answers.at(-1)?.status).toBe(401);
		const borrowed = answers.filter(({ source }) => source === 'borrowed');
		expect(borrowed.length).toBeGreaterThan(0);
		for (const { tookMs } of borrowed) expect(tookMs).toBeGreaterThanOrEqual(16);
		const memory = answers.slice(10, -1).filter(({ source }) => source === 'memory');
		expect(memory.length).toBeGreaterThan(20);
		const { control, messages } = region.calls();
		expect(messages).toMatchObject({ create: 1, revoke: 1, read: borrowed.length });
		expect(control['acquire']).toBe(5);
	});
});
