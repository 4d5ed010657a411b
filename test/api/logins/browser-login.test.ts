import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AuthorizationServer, startAuthorizationServer } from '../../support/browser/authorization-server.ts';
import { type RegionClient, startRegionClient } from '../region-client.ts';

let server: AuthorizationServer;
let client: RegionClient;

/** The bundled session servers, which load the code of logins with the first login. */
beforeAll(async () => {
	server = await startAuthorizationServer({ pushes: true, endsSessions: true });
	const issuer = {
		name: 'people',
		issuer: server.url,
		audience: server.clientId,
		jwksUri: `${server.url}/jwks.json`,
		client: { id: server.clientId },
	};
	client = await startRegionClient({
		issuers: [issuer],
		sessionServerVariables: { LEASEHOLD_ORIGINS: '["https://app.example"]' },
	});
});
afterAll(async () => {
	await client.region.stop();
	await server.close();
});

async function get(url: string, cookie = '') {
	const { status, headers } = await fetch(url, { redirect: 'manual', headers: { cookie, accept: 'text/html' } });
	const cookies = headers.getSetCookie().map((text) => text.split(';')[0] ?? '');
	return { status, location: headers.get('location') ?? '', cookies };
}

test('a browser logs in, uses its session and logs out, over HTTP and through the bundle', async () => {
	const begun = await get(`${client.region.url}/v1/login?return_to=https://app.example/orders`);
	expect(begun.status).toBe(303);
	const atIssuer = await get(begun.location);
	expect(new URL(atIssuer.location).origin).toBe(client.region.url);
	const finished = await get(atIssuer.location, begun.cookies.join('; '));
	expect([finished.status, finished.location]).toEqual([303, 'https://app.example/orders']);
	const [session = ''] = finished.cookies;
	expect(session).toMatch(/^__Host-Http-session=./);
	expect((await client.call('GET', '/v1/session', { cookie: session })).json['subject']).toBe('people:ada');
	const out = await fetch(`${client.region.url}/v1/logout`, {
		method: 'POST',
		redirect: 'manual',
		headers: { cookie: session, 'sec-fetch-site': 'same-origin' },
	});
	expect([out.status, out.headers.get('location')]).toEqual([303, expect.stringMatching(`^${server.url}/end\\?`)]);
	// Another instance may have a copy that is as old as the staleness bound allows.
	await expect.poll(async () => (await client.call('GET', '/v1/session', { cookie: session })).status).toBe(401);
});

test('a callback in another browser begins no session, and shows a page', async () => {
	const begun = await get(`${client.region.url}/v1/login`);
	const { location } = await get(begun.location);
	const answer = await fetch(location, { headers: { accept: 'text/html' } });
	expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
	expect(await answer.text()).toContain('login_state_invalid');
});
