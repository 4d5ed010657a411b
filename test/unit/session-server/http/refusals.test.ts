import { expect, test } from 'vitest';
import { problems } from '../../../../functions/session-server/http/problem.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { loggedIn } from '../../../support/logged-in.ts';

test('each refusal is logged with its reason and counted by its code, and a success is not', async () => {
	const lines: Record<string, unknown>[] = [];
	const counted: (readonly [string | undefined, readonly number[]])[] = [];
	const { ask, token, metrics } = await loggedIn({
		services: [{ name: 'gone', url: 'http://gone.example' }],
		verifyIdToken: async (subject) =>
			subject === 'late'
				? { kind: 'refused', reason: 'the ID token has expired' }
				: {
						kind: 'verified',
						identity: { subject, scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs },
					},
		log: (_level, message, fields) => {
			if (message === 'request') lines.push({ ...fields });
		},
		publish: (all) => {
			for (const { name, dimensions, values } of all)
				if (name === 'Refusals') counted.push([dimensions['code'], values]);
		},
	});
	lines.length = 0;
	const headers = { authorization: `Bearer ${token}` };
	await ask({ headers });
	await ask({ path: '/v1/nothing' });
	await ask({ method: 'PUT', headers });
	await ask({});
	await ask({ method: 'PATCH', headers, body: '{"attributes":{"role":"admin"}}' });
	await ask({ method: 'PATCH', headers, body: '{"attributes":{"role":"root"}}' });
	await ask({ path: '/services/gone/x', headers });
	await ask({ method: 'POST', path: '/v1/sessions', headers: { authorization: 'Bearer late' } });
	metrics.flush();
	expect(lines.map(({ operation, status, refused, reason }) => [operation, status, refused, reason])).toEqual([
		['view', 200, undefined, undefined],
		[undefined, 404, 'route_unknown', undefined],
		[undefined, 405, 'method_not_allowed', undefined],
		['view', 401, 'session_missing', undefined],
		['update', 400, 'request_malformed', 'attributes.role'],
		['update', 400, 'request_malformed', 'attributes.role'],
		['forward', 502, 'service_unreachable', undefined],
		['login', 401, 'id_token_refused', 'the ID token has expired'],
	]);
	expect(counted).toEqual([
		['route_unknown', [1]],
		['method_not_allowed', [1]],
		['session_missing', [1]],
		['request_malformed', [2]],
		['id_token_refused', [1]],
	]);
	expect(counted.every(([code]) => code !== undefined && code in problems)).toBe(true);
});
