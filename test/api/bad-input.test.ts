import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonBytesMax } from '../../functions/session-server/http/body.ts';
import { type Called, type RegionClient, startRegionClient } from './region-client.ts';

let client: RegionClient;
let token: string;

beforeAll(async () => {
	client = await startRegionClient();
	token = await client.login();
});

afterAll(async () => {
	await client.region.stop();
});

/** Runs `call`, and reports whether it invoked the bus. */
async function watchingTheBus(call: () => Promise<Called>): Promise<Called & { readonly reachedTheBus: boolean }> {
	const before = await client.busCalls();
	const called = await call();
	return { ...called, reachedTheBus: (await client.busCalls()) !== before };
}

function isProblem(called: Called, status: number, code: string): void {
	expect(called.json).toMatchObject({ status, code, type: `urn:leasehold:problem:${code}` });
	expect(called.status).toBe(status);
	expect(called.headers.get('content-type')).toBe('application/problem+json');
	expect(called.headers.get('cache-control')).toBe('no-store');
}

describe('a session token', () => {
	const forgeries: Readonly<Record<string, (token: string) => string>> = {
		'is empty': () => '',
		'is not base64url': () => '!'.repeat(112),
		'is truncated': (good) => good.slice(0, -1),
		'is extended': (good) => `${good}A`,
		'is oversized': () => 'A'.repeat(8_000),
		'has another session id': (good) => swap(good, 10),
		'has another secret': (good) => swap(good, 40),
		'has another owner': (good) => swap(good, 55),
		'has another MAC': (good) => swap(good, 107),
		'has another version': (good) => `B${good.slice(1)}`,
		'names an unknown key': (good) => swap(good, 4),
		'is padded': (good) => `${good}==`,
		'is in another case': (good) => good.toLowerCase(),
	};
	for (const [what, forge] of Object.entries(forgeries)) {
		test(`is refused without a call of the bus if it ${what}`, async () => {
			const called = await watchingTheBus(() =>
				client.call('GET', '/v1/authorize?service=profile', { cookie: `__Host-Http-session=${forge(token)}` }),
			);
			isProblem(called, 401, 'session_malformed');
			expect(called.headers.get('www-authenticate')).toContain('Bearer');
			expect(called.reachedTheBus).toBe(false);
		});
	}

	test('is required by every operation on a session', async () => {
		for (const [method, path] of [
			['GET', '/v1/session'],
			['PATCH', '/v1/session'],
			['DELETE', '/v1/session'],
			['GET', '/v1/authorize?service=profile'],
		] as const)
			isProblem(await client.call(method, path), 401, 'session_missing');
	});
});

describe('an ID token', () => {
	const login = (idToken: string) =>
		watchingTheBus(() => client.call('POST', '/v1/sessions', { token: idToken, body: { delivery: 'bearer' } }));
	const now = () => Math.floor(Date.now() / 1000);

	async function isRefused(idToken: string, reason: string): Promise<void> {
		const called = await login(idToken);
		isProblem(called, 401, 'id_token_refused');
		expect(called.json['detail']).toBe(reason);
		expect(called.reachedTheBus).toBe(false);
		const { entries } = (await client.control('GET', '/logs?since=0')) as { entries: { record?: object }[] };
		expect(entries.map(({ record }) => record)).toContainEqual(
			expect.objectContaining({ operation: 'login', status: 401, refused: 'id_token_refused', reason }),
		);
	}

	test('is required to log in', async () => {
		isProblem(await client.call('POST', '/v1/sessions'), 401, 'id_token_missing');
	});

	test('is refused if it has expired', async () => {
		const idToken = await client.region.mint({ subject: 'eve', expiresInSeconds: -60 });
		await isRefused(idToken, 'the ID token has expired');
	});

	test('is refused for another audience', async () => {
		await isRefused(
			await client.region.mint({ subject: 'eve', audience: 'another' }),
			'aud must name a configured audience',
		);
	});

	test('is refused from an issuer that is not configured', async () => {
		const { privateKey } = await generateKeyPair('ES256');
		const idToken = await new SignJWT({ sub: 'eve' })
			.setProtectedHeader({ alg: 'ES256' })
			.setIssuer('https://elsewhere.example')
			.setAudience('leasehold-local')
			.setIssuedAt()
			.setExpirationTime('1h')
			.sign(privateKey);
		await isRefused(idToken, 'iss must be a configured issuer');
	});

	test('is refused if another key signed it', async () => {
		const { privateKey } = await generateKeyPair('ES256');
		const sign = (kid: string) =>
			new SignJWT({ sub: 'eve' })
				.setProtectedHeader({ alg: 'ES256', kid })
				.setIssuer(client.region.issuer)
				.setAudience('leasehold-local')
				.setIssuedAt()
				.setExpirationTime('1h')
				.sign(privateKey);
		await isRefused(await sign('local'), 'the signature is not valid');
		// An instance that fetched the keys a moment ago does not know whether there are new ones.
		const unknownKey = await login(await sign('other'));
		if (unknownKey.status === 401)
			expect(unknownKey.json['detail']).toBe(
				'the key that signed the ID token is not among the keys that its issuer publishes',
			);
		else isProblem(unknownKey, 503, 'unavailable');
		expect(unknownKey.reachedTheBus).toBe(false);
	});

	test('is refused without a signature', async () => {
		const idToken = new UnsecuredJWT({ sub: 'eve' })
			.setIssuer(client.region.issuer)
			.setAudience('leasehold-local')
			.setIssuedAt()
			.setExpirationTime(now() + 3_600)
			.encode();
		await isRefused(idToken, 'alg must be an asymmetric signature algorithm');
	});

	test('is refused if its time or its subject is not valid', async () => {
		const later = Math.floor(Date.now() / 1000) + 600;
		await isRefused(
			await client.region.mint({ subject: 'eve', authTime: later }),
			'auth_time must be a time in the past, in seconds since 1970',
		);
		await isRefused(
			await client.region.mint({ subject: 'eve', authTime: 1e15 }),
			'auth_time must be a time in the past, in seconds since 1970',
		);
		await isRefused(
			await client.region.mint({ subject: 'x\ud800y' }),
			'sub must be a string of 1 to 255 printable ASCII characters',
		);
	});

	test('gives no scope that OAuth does not allow', async () => {
		const token = await client.region.mint({ subject: 'eve', scope: 'b\u00e4d good' });
		const { status, json } = await client.call('POST', '/v1/sessions', { token });
		expect(status).toBe(201);
		expect(json).toMatchObject({ session: { scopes: ['good'] } });
	});

	test('is refused if it is malformed or too long', async () => {
		await isRefused('a.b.c', 'the ID token is malformed');
		await isRefused('nonsense', 'the ID token is malformed');
		await isRefused('A'.repeat(8_500), 'the ID token must have at most 8192 characters');
	});
});

describe('a request', () => {
	test('for a service that is not in the catalog is a 404, and without a valid token a 401', async () => {
		for (const path of ['/v1/authorize?service=nothing', '/v1/authorize/nothing/x', '/services/nothing/x']) {
			isProblem(await client.call('GET', path, { token }), 404, 'service_unknown');
			isProblem(await client.call('GET', path), 401, 'session_missing');
			isProblem(await client.call('GET', path, { token: swap(token, 40) }), 401, 'session_malformed');
		}
	});

	test('for a decision must name exactly one service', async () => {
		for (const query of ['', '?service=a&service=b', '?other=profile']) {
			const called = await client.call('GET', `/v1/authorize${query}`, { token });
			isProblem(called, 400, 'request_malformed');
			expect(called.json['field']).toBe('service');
		}
	});

	test('for an unknown route is a 404', async () => {
		for (const path of ['/', '/v1', '/v1/session/', '/v1/sessions/x/y', '/V1/session', '/%00', '/v1/../health'])
			isProblem(await client.call('GET', path.replace('/v1/../', '/v1/%2e%2e%2f'), { token }), 404, 'route_unknown');
	});

	test('with a method that the route does not support is a 405 with those that it supports', async () => {
		const called = await client.call('PUT', '/v1/session', { token });
		isProblem(called, 405, 'method_not_allowed');
		expect(called.headers.get('allow')).toBe('GET, PATCH, DELETE');
	});

	const bodies: readonly (readonly [string, unknown, string])[] = [
		['is not JSON', '{"attributes":', 'body'],
		['is an array', '[]', 'body'],
		['is null', 'null', 'body'],
		['is empty', '', 'attributes'],
		['has an unknown member', { attributes: { theme: 'x' }, admin: true }, 'admin'],
		['has attributes of the wrong type', { attributes: 'dark' }, 'attributes'],
		['has a value of the wrong type', { attributes: { theme: { a: 1 } } }, 'attributes.theme'],
		['has a value that is too long', { attributes: { theme: 'x'.repeat(5_000) } }, 'attributes.theme'],
		['sets an attribute that is not the client’s', { attributes: { role: 'admin' } }, 'attributes.role'],
		['sets nothing', { attributes: {} }, 'attributes'],
	];
	for (const [what, body, field] of bodies) {
		test(`whose body ${what} is a 400 that names the field, and the bus is not asked`, async () => {
			const called = await watchingTheBus(() => client.call('PATCH', '/v1/session', { token, body }));
			isProblem(called, 400, 'request_malformed');
			expect(called.json['field']).toBe(field);
			expect(called.json['expected']).toEqual(expect.any(String));
			expect(called.reachedTheBus).toBe(false);
		});
	}

	test('whose body is not UTF-8 is a 400, and stores nothing', async () => {
		const body = Buffer.from('{"attributes":{"theme":"caf\xe9"}}', 'latin1');
		const called = await client.call('PATCH', '/v1/session', { token, body });
		isProblem(called, 400, 'request_malformed');
		expect(called.json['field']).toBe('body');
		expect((await client.call('GET', '/v1/session', { token })).json['attributes']).toEqual({});
	});

	test('whose JSON is nested 50,000 deep is a 400, and ends nothing', async () => {
		const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
		const headers = { 'content-type': 'application/json', 'x-local-target': 'session-server-1' };
		const patch = (body: string) => client.call('PATCH', '/v1/session', { token, headers, body });
		isProblem(await patch(deep), 413, 'body_too_large');
		const nested = `${'['.repeat(30_000)}${']'.repeat(30_000)}`;
		isProblem(await patch(`{"attributes":{"theme":${nested}}}`), 400, 'request_malformed');
		isProblem(await patch(`{"attributes":${nested}}`), 400, 'request_malformed');
		expect((await client.call('GET', '/v1/session', { token, headers })).status).toBe(200);
	});

	test('that names the prototype of an object is a 400, and changes nothing', async () => {
		for (const name of ['__proto__', 'constructor', 'toString']) {
			const body = `{"attributes":{"${name}":"x"}}`;
			expect((await client.call('PATCH', '/v1/session', { token, body })).status).toBe(400);
		}
		expect((await client.call('GET', '/v1/session', { token })).json['attributes']).toEqual({});
	});

	test('whose body is too large is a 413 with the limit', async () => {
		const called = await client.call('PATCH', '/v1/session', { token, body: 'x'.repeat(jsonBytesMax + 1) });
		isProblem(called, 413, 'body_too_large');
		expect(called.json['expected']).toContain(String(jsonBytesMax));
	});

	test('to log in with a malformed body is a 400', async () => {
		const idToken = await client.region.mint({ subject: 'eve' });
		for (const body of [{ delivery: 'pigeon' }, { persistent: 'yes' }, { extra: 1 }, '7'])
			isProblem(await client.call('POST', '/v1/sessions', { token: idToken, body }), 400, 'request_malformed');
	});

	test('without a valid token is a 401, whatever else is wrong with it', async () => {
		for (const forged of [swap(token, 40), 'nonsense']) {
			const sent = { token: forged, headers: { 'if-match': 'abc' }, body: { attributes: { role: 'admin' } } };
			isProblem(await client.call('PATCH', '/v1/session', sent), 401, 'session_malformed');
			isProblem(await client.call('DELETE', '/v1/sessions/none', { token: forged }), 401, 'session_malformed');
		}
	});

	test('with a malformed If-Match is a 400', async () => {
		for (const version of ['abc', 'W/"abc"', '"a", "b"', '""']) {
			const called = await client.call('PATCH', '/v1/session', {
				token,
				headers: { 'if-match': version },
				body: { attributes: { theme: 'dark' } },
			});
			isProblem(called, 400, 'request_malformed');
			expect(called.json['field']).toBe('if-match');
		}
	});
});

/** Replaces the character at `index` by another one of the alphabet. */
function swap(text: string, index: number): string {
	return `${text.slice(0, index)}${text[index] === 'Q' ? 'R' : 'Q'}${text.slice(index + 1)}`;
}
