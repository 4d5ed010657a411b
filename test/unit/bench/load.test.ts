import { describe, expect, test } from 'vitest';
import { cookiesOf, headersOf, keepAnswer } from '../../../bench/contenders/carried.ts';
import type { BenchSession } from '../../../bench/contenders/contender.ts';
import { inParallel, sendWhenDue } from '../../../bench/load/open-loop.ts';
import { planTraffic, zipf } from '../../../bench/load/traffic.ts';
import { callsIn } from '../../../bench/services/redis.ts';
import { createRandom } from '../../../local/system/random.ts';

describe('planned traffic', () => {
	const options = { perSecond: 200, seconds: 20, sessions: 50, changes: 0.05 };
	const planned = planTraffic(createRandom(1), options);

	test('has the rate and the part of changes that were asked for', () => {
		expect(planned.length / 20).toBeGreaterThan(180);
		expect(planned.length / 20).toBeLessThan(220);
		const changes = planned.filter(({ kind }) => kind === 'change').length / planned.length;
		expect(changes).toBeGreaterThan(0.03);
		expect(changes).toBeLessThan(0.07);
	});

	test('is the same for the same seed, so that every contender gets the same requests', () => {
		expect(planTraffic(createRandom(1), options)).toEqual(planned);
		expect(planTraffic(createRandom(2), options)).not.toEqual(planned);
	});

	test("uses the first session twice as often as the second, by Zipf's law", () => {
		const pick = zipf(1_000, 1);
		const random = createRandom(3);
		const counts = new Map<number, number>();
		for (let draw = 0; draw < 100_000; draw++) {
			const rank = pick(random());
			counts.set(rank, (counts.get(rank) ?? 0) + 1);
		}
		expect((counts.get(0) ?? 0) / (counts.get(1) ?? 1)).toBeCloseTo(2, 0);
		expect(Math.max(...counts.keys())).toBeLessThan(1_000);
		expect(pick(0.999_999_999)).toBe(999);
	});
});

describe('an open loop', () => {
	test('does not wait for an answer before it sends the next request', async () => {
		let open = 0;
		let most = 0;
		const planned = [0, 1, 2].map((atMs) => ({ atMs }));
		const taken = await sendWhenDue(planned, async ({ atMs }) => {
			most = Math.max(most, ++open);
			await new Promise((resolve) => setTimeout(resolve, 100));
			open--;
			return atMs;
		});
		expect(most).toBe(3);
		expect(taken.map(({ answer }) => answer)).toEqual([0, 1, 2]);
		for (const { tookMs } of taken) expect(tookMs).toBeGreaterThan(90);
	});

	test('works on a given number of values at once, and keeps their order', async () => {
		let open = 0;
		let most = 0;
		const doubled = await inParallel([1, 2, 3, 4, 5], 2, async (value) => {
			most = Math.max(most, ++open);
			await new Promise((resolve) => setTimeout(resolve, 5));
			open--;
			return 2 * value;
		});
		expect(doubled).toEqual([2, 4, 6, 8, 10]);
		expect(most).toBe(2);
	});
});

describe('a client', () => {
	const newSession = (): BenchSession => ({ user: 'ada', token: 'abc', cookies: new Map(), carried: undefined });

	test('keeps cookies, and drops those that the server removes', () => {
		const session = newSession();
		keepAnswer(session, { 'set-cookie': ['a=1; Path=/', 'b=x=y; HttpOnly'] });
		expect(cookiesOf(session)).toEqual(['a=1', 'b=x=y']);
		keepAnswer(session, { 'set-cookie': ['a=; Max-Age=0'] });
		expect(cookiesOf(session)).toEqual(['b=x=y']);
	});

	test('sends the copy that a server gave it last, and none before', () => {
		const session = newSession();
		expect(headersOf(session)).toEqual({ authorization: 'Bearer abc' });
		keepAnswer(session, { 'leasehold-copy': 'first' });
		keepAnswer(session, { 'leasehold-copy': 'second' });
		keepAnswer(session, {});
		expect(headersOf(session)).toEqual({ authorization: 'Bearer abc', 'leasehold-copy': 'second' });
	});
});

test('the calls of Redis are those of clients, and not those of the benchmark', () => {
	const text =
		'cmdstat_get:calls=12,usec=3\r\ncmdstat_expire:calls=4,usec=1\r\ncmdstat_ping:calls=9,usec=1\r\ncmdstat_client|setinfo:calls=2,usec=1\r\n';
	expect(callsIn(text)).toEqual({ get: 12, expire: 4 });
});
