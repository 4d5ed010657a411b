import { expect, test } from 'vitest';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { loggedIn } from '../../../support/logged-in.ts';

const dayMs = 24 * 3_600_000;

test('a level that is over is shown nowhere, is enough for no service, and logs nobody out', async () => {
	const { ask, token, clock } = await loggedIn({
		timeouts: timeoutPresets.aal1,
		services: [{ name: 'notes' }, { name: 'billing', minAssurance: 2 }],
		verifyIdToken: async (subject) => ({
			kind: 'verified',
			identity: { subject, scopes: [], assuranceLevel: 2, authenticatedAtMs: exampleStartMs },
		}),
	});
	const headers = { authorization: `Bearer ${token}` };
	const shown = async () => {
		const [view, list, decision] = [
			await ask({ headers }),
			await ask({ path: '/v1/sessions', headers }),
			await ask({ path: '/v1/authorize/notes', headers }),
		];
		const [listed] = list.json['sessions'] as { assuranceLevel: number }[];
		return [view.json['assuranceLevel'], listed?.assuranceLevel, decision.headers['x-session-assurance']];
	};
	const billing = { path: '/v1/authorize/billing', headers };
	clock.advance(dayMs - 1_000);
	expect(await shown()).toEqual([2, 2, '2']);
	expect((await ask(billing)).status).toBe(204);
	clock.advance(1_000);
	expect(await shown()).toEqual([1, 1, '1']);
	expect((await ask(billing)).json).toMatchObject({ status: 403, code: 'step_up_required' });
	expect((await ask({ headers })).status).toBe(200);
});
