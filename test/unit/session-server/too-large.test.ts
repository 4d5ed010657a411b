import { expect, test } from 'vitest';
import { attributeBytesMax } from '../../../functions/session/changes.ts';
import { apiRequest } from '../../support/api-request.ts';
import { createMemoryDeployment } from '../../support/memory-deployment.ts';

test('a change that would make a session too large to be kept is a 413 that names the limit, and changes nothing', async () => {
	const names = Array.from({ length: 64 }, (_, index) => `a${index}`);
	const { api } = createMemoryDeployment(names);
	const headers = { authorization: 'Bearer alice' };
	const login = await api(
		apiRequest({ method: 'POST', path: '/v1/sessions', headers, body: '{"delivery":"bearer"}' }),
		'login',
	);
	const authorization = `Bearer ${JSON.parse(login.body ?? '').token}`;
	const fill = (some: readonly string[]) => {
		const attributes = Object.fromEntries(some.map((name) => [name, '€'.repeat(4_000)]));
		const body = JSON.stringify({ attributes });
		return api(apiRequest({ method: 'PATCH', headers: { authorization }, body }), 'update');
	};
	let filled = 0;
	let last = await fill(names.slice(0, 5));
	while (last.status === 200 && filled < 64) {
		filled += 5;
		last = await fill(names.slice(filled, filled + 5));
	}
	expect(filled).toBe(20); // Twenty attributes take 240 kB, another five would take 300.
	expect(last.status).toBe(413);
	expect(JSON.parse(last.body ?? '')).toMatchObject({
		code: 'session_too_large',
		field: 'attributes',
		expected: `at most ${attributeBytesMax} bytes in all`,
	});
	const view = await api(apiRequest({ headers: { authorization } }), 'view');
	expect(Object.keys(JSON.parse(view.body ?? '').attributes)).toHaveLength(20);
});
