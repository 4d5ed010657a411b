import { expect, test } from 'vitest';
import { attributeBytesMax } from '../../../../functions/session/changes.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

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
		const attributes = Object.fromEntries(some.map((name) => [name, '\u0001'.repeat(4_000)]));
		const body = JSON.stringify({ attributes });
		return api(apiRequest({ method: 'PATCH', headers: { authorization }, body }), 'update');
	};
	let filled = 0;
	let last = await fill(names.slice(0, 2));
	while (last.status === 200 && filled < 64) {
		filled += 2;
		last = await fill(names.slice(filled, filled + 2));
	}
	expect(filled).toBe(42); // As JSON, such a character takes six bytes: 42 attributes take 985 KiB, another two would take 1,032.
	expect(last.status).toBe(413);
	expect(JSON.parse(last.body ?? '')).toMatchObject({
		code: 'session_too_large',
		field: 'attributes',
		expected: `at most ${attributeBytesMax} bytes of attributes in total`,
	});
	const view = await api(apiRequest({ headers: { authorization } }), 'view');
	expect(Object.keys(JSON.parse(view.body ?? '').attributes)).toHaveLength(42);
});
