import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

/** An authorizer's function has ten seconds, of which its start takes some. */
const authorizerMs = 9_000;
/**
 * The duration of one call of a bus that does not answer: two tries, and the pause between them.
 */
const bothTriesMs = 7_100;

/**
 * Sends a request for a session that no memory has. The calls of the bus take `tookMs`, each in
 * turn, and all further calls take the last of them.
 */
async function setUp(tookMs: readonly number[]) {
	let asked = 0;
	let established: Answer | undefined;
	const { api, clock } = createMemoryDeployment([], {
		reach: (bus, clock) => async (message, withinMs) => {
			if (established === undefined) {
				established = await bus(message);
				return established;
			}
			const needsMs = tookMs[asked++] ?? tookMs.at(-1) ?? 0;
			const givenMs = Math.min(withinMs ?? bothTriesMs, bothTriesMs);
			clock.advance(Math.min(needsMs, givenMs));
			if (needsMs <= givenMs) return established;
			return { kind: 'unavailable', reason: 'no answer', receipt: { asked: [], degraded: true } };
		},
	});
	const login = apiRequest({
		method: 'POST',
		path: '/v1/sessions',
		headers: { authorization: 'Bearer ada' },
		body: '{"delivery":"bearer"}',
	});
	const { token } = JSON.parse((await api(login, 'r')).body ?? '');
	clock.advance(400_000); // No copy is used for that long.
	const begunMs = clock.now().monotonicMs;
	const { status } = await api(apiRequest({ headers: { authorization: `Bearer ${token}` } }), 'r');
	return { status, asked, elapsedMs: clock.now().monotonicMs - begunMs };
}

describe('a request', () => {
	test('to a bus that is slow once is answered with the second answer of the bus', async () => {
		expect(await setUp([3_400, 10])).toEqual({ status: 200, asked: 2, elapsedMs: 3_410 });
	});

	test.each([
		['always takes longer than the staleness bound', [2_100]],
		['always takes nearly as long as one try may', [3_499]],
		['always answers at the second try', [3_700]],
		['does not answer', [20_000]],
		['is slow, and then does not answer', [3_400, 20_000]],
		['is slow twice, and then does not answer', [2_001, 2_001, 20_000]],
	])('to a bus that %s is answered 503 while its function has time left', async (_what, tookMs) => {
		const { status, elapsedMs } = await setUp(tookMs);
		expect(status).toBe(503);
		expect(elapsedMs).toBeLessThan(authorizerMs);
	});

	test('does not ask the bus again after half of the time', async () => {
		expect(await setUp([3_700])).toMatchObject({ asked: 1 });
	});
});
