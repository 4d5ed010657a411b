import { describe, expect, test } from 'vitest';
import type { ApiResponse } from '../../../../functions/session-server/http/exchange.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

/** Logs a client in, and returns its requests to change and to view its session. */
async function loggedIn() {
	const { api } = createMemoryDeployment(['theme', 'cart']);
	const login = await api(
		apiRequest({
			method: 'POST',
			path: '/v1/sessions',
			headers: { authorization: 'Bearer alice' },
			body: '{"delivery":"bearer"}',
		}),
		'login',
	);
	const { token } = bodyOf(login);
	const authorization = `Bearer ${token}`;
	const patch = (attributes: object, ifMatch?: string) =>
		api(
			apiRequest({
				method: 'PATCH',
				headers: { authorization, ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }) },
				body: JSON.stringify({ attributes }),
			}),
			'patch',
		);
	const view = async () => {
		const response = await api(apiRequest({ headers: { authorization } }), 'view');
		return { etag: response.headers['etag'] ?? '', attributes: bodyOf(response).attributes };
	};
	return { patch, view };
}

function bodyOf(response: ApiResponse) {
	return JSON.parse(response.body ?? '');
}

describe('an update', () => {
	test('is made if the session has the version in If-Match, and returns the next version', async () => {
		const { patch, view } = await loggedIn();
		const before = await view();
		const response = await patch({ theme: 'dark' }, before.etag);
		expect(response.status).toBe(200);
		expect(response.headers['etag']).not.toBe(before.etag);
		expect(await view()).toEqual({ etag: response.headers['etag'], attributes: { theme: 'dark' } });
	});

	test('changes nothing if If-Match has an older version, and is a conflict that names the current one', async () => {
		const { patch, view } = await loggedIn();
		const { etag } = await view();
		await patch({ theme: 'dark' }, etag);
		const current = await view();
		const response = await patch({ cart: 1 }, etag);
		expect(response.status).toBe(409);
		expect(bodyOf(response)).toMatchObject({ code: 'version_conflict', expected: current.etag.replaceAll('"', '') });
		expect(await view()).toEqual(current);
	});

	test('is made only once if two have the same If-Match', async () => {
		const { patch, view } = await loggedIn();
		const { etag } = await view();
		const responses = await Promise.all([patch({ cart: 1 }, etag), patch({ cart: 2 }, etag)]);
		expect(responses.map(({ status }) => status).sort()).toEqual([200, 409]);
		const winner = responses.findIndex(({ status }) => status === 200);
		expect((await view()).attributes).toEqual({ cart: winner + 1 });
	});

	test.each([undefined, '*'])('is made for any version with If-Match: %s', async (ifMatch) => {
		const { patch, view } = await loggedIn();
		await patch({ theme: 'dark' });
		expect((await patch({ cart: 1 }, ifMatch)).status).toBe(200);
		expect((await view()).attributes).toEqual({ theme: 'dark', cart: 1 });
	});

	test.each(['', 'abc', '"abc', 'W/"abc"', '"a", "b"', '""', '"a b"', `"${'a'.repeat(65)}"`, '"abc"\n', '**'])(
		'is refused as malformed with If-Match: %j',
		async (ifMatch) => {
			const { patch, view } = await loggedIn();
			const response = await patch({ theme: 'dark' }, ifMatch);
			expect(response.status).toBe(400);
			expect(bodyOf(response)).toMatchObject({ code: 'request_malformed', field: 'if-match' });
			expect((await view()).attributes).toEqual({});
		},
	);
});
