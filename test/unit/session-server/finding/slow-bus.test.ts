import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

/** What an authorizer's function has is ten seconds, of which some are its start's. */
const authorizerMs = 9_000;
/** What one call of the bus takes when nobody answers: two tries, and the pause between them. */
const bothTriesMs = 7_100;

/** A session that is in no memory any more, and a bus that takes `tookMs`, one after the other; the last one for every further call. */
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
	clock.advance(400_000); // Longer than any copy is used.
	const begunMs = clock.now().monotonicMs;
	const { status } = await api(apiRequest({ headers: { authorization: `Bearer ${token}` } }), 'r');
	return { status, asked, elapsedMs: clock.now().monotonicMs - begunMs };
}

describe('a visit', () => {
	test('whose bus was slow once is answered by its second answer', async () => {
		expect(await setUp([3_400, 10])).toEqual({ status: 200, asked: 2, elapsedMs: 3_410 });
	});

	test.each([
		['takes longer than the staleness bound, each time', [2_100]],
		['takes nearly as long as one try may, each time', [3_499]],
		['answers at the second try, each time', [3_700]],
		['does not answer', [20_000]],
		['is slow, and then does not answer', [3_400, 20_000]],
		['is slow twice, and then does not answer', [2_001, 2_001, 20_000]],
	])('whose bus %s ends as unavailable while its function has time left', async (_what, tookMs) => {
		const { status, elapsedMs } = await setUp(tookMs);
		expect(status).toBe(503);
		expect(elapsedMs).toBeLessThan(authorizerMs);
	});

	test('does not ask again a bus that has used up half of the time', async () => {
		expect(await setUp([3_700])).toMatchObject({ asked: 1 });
	});
});
