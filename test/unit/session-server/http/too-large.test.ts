import { expect, test } from 'vitest';
import { attributeBytesMax } from '../../../../functions/session/changes.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

test('a change that makes a session too large is refused with a 413 that names the limit', {
	timeout: 30_000,
}, async () => {
	const names = Array.from({ length: 64 }, (_, index) => `a${index}`);
	const { api, clock } = createMemoryDeployment(names);
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
		clock.advance(1_000);
		last = await fill(names.slice(filled, filled + 2));
	}
	// Such a character has six bytes in JSON. So 42 attributes have 985 KiB, and 44 would have 1,032.
	expect(filled).toBe(42);
	expect(last.status).toBe(413);
	expect(JSON.parse(last.body ?? '')).toMatchObject({
		code: 'session_too_large',
		field: 'attributes',
		expected: `at most ${attributeBytesMax} bytes of attributes in total`,
	});
	const view = await api(apiRequest({ headers: { authorization } }), 'view');
	const { attributes, lastSeenAt } = JSON.parse(view.body ?? '');
	expect(Object.keys(attributes)).toHaveLength(42);
	expect(Date.parse(lastSeenAt), 'the refused change counts as use').toBe(clock.now().wallMs);
});
