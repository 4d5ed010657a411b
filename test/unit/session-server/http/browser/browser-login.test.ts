import { afterEach, describe, expect, test } from 'vitest';
import type { IssuerClient } from '../../../../../functions/session-server/deployment/issuer-client.ts';
import type { IssuerTimeoutOptions } from '../../../../../functions/session-server/deployment/timeout-options.ts';
import { parseIssuers } from '../../../../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier } from '../../../../../functions/session-server/identity/id-token.ts';
import { sendRequest } from '../../../../../functions/system/http-client.ts';
import { apiRequest } from '../../../../support/api-request.ts';
import {
	type AuthorizationServer,
	startAuthorizationServer,
} from '../../../../support/browser/authorization-server.ts';
import { apiUrl, createBrowser } from '../../../../support/browser/browser.ts';
import { createMemoryDeployment } from '../../../../support/memory/memory-deployment.ts';
import { createSigningBus } from '../../../../support/memory/signing-bus.ts';
import { createSettableClock } from '../../../../support/settable-clock.ts';
import { withinAal2 } from '../../../../support/verifier-stage.ts';

const running: AuthorizationServer[] = [];
afterEach(async () => {
	await Promise.all(running.splice(0).map((server) => server.close()));
});

const exchangeMs = 300;
const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:client-AbCdEf';

type Options = Parameters<typeof startAuthorizationServer>[0] & {
	readonly client?: Partial<IssuerClient>;
	readonly timeouts?: IssuerTimeoutOptions;
	readonly deployment?: Partial<NonNullable<Parameters<typeof createMemoryDeployment>[1]>>;
};

/** The API with one issuer, and a browser. */
async function started({ client, timeouts, deployment, ...features }: Options = {}) {
	const server = await startAuthorizationServer(features);
	running.push(server);
	const issuer = {
		name: 'people',
		issuer: server.url,
		audience: server.clientId,
		jwksUri: `${server.url}/jwks.json`,
		client: { id: server.clientId, ...client },
		...(timeouts && { timeouts }),
	};
	const clock = createSettableClock(Date.now());
	// As the system's, but tests do not wait for seconds.
	const send: typeof sendRequest = (request) => sendRequest({ ...request, timeoutMs: exchangeMs });
	const context = { clock, log: () => undefined, sendRequest: send };
	const { api } = createMemoryDeployment(['theme'], {
		...context,
		issuers: [issuer],
		verifyIdToken: createIdTokenVerifier(parseIssuers([issuer], withinAal2), context),
		origins: ['https://app.example'],
		...deployment,
	});
	return { api, clock, server, behaviour: server.behaviour, browser: createBrowser(api) };
}

async function sessionOf(browser: ReturnType<typeof createBrowser>) {
	const { status, body = '' } = await browser.get('/v1/session');
	return status === 200 ? JSON.parse(body) : status;
}

describe('a login in a browser', () => {
	test.each([false, true])('begins a session and returns to the page, with pushed requests: %s', async (pushes) => {
		const { browser, server } = await started({ pushes });
		const begun = await browser.get('/v1/login?return_to=/orders?id=7%23top');
		expect(begun.status).toBe(303);
		expect(new URL(begun.headers['location'] ?? '').searchParams.has('request_uri')).toBe(pushes);
		const [cookie = ''] = begun.cookies ?? [];
		expect(cookie).toMatch(
			/^__Host-Http-login-[\w-]{12}=k001\.[\w-]+; Secure; HttpOnly; Path=\/; SameSite=Lax; Max-Age=600$/,
		);
		const finished = await browser.get(await browser.atIssuer(begun));
		expect(finished.status).toBe(303);
		expect(finished.headers['location']).toBe('https://api.example/orders?id=7#top');
		expect(finished.headers['referrer-policy']).toBe('no-referrer');
		expect([...browser.jar.keys()]).toEqual(['__Host-Http-session']);
		expect(await sessionOf(browser)).toMatchObject({ subject: 'people:ada' });
		const asked = server.requests.find(({ path }) => path === (pushes ? '/par' : '/authorize'))?.parameters;
		expect(Object.fromEntries(asked ?? [])).toMatchObject({
			client_id: 'leasehold-test',
			response_type: 'code',
			scope: 'openid',
			redirect_uri: `${apiUrl}/v1/login/callback`,
			code_challenge_method: 'S256',
		});
	});

	test('returns to an allowed origin, and asks for what the request and the configuration say', async () => {
		const { browser, server } = await started({
			client: { scope: 'openid profile', authorizationParameters: { audience: 'orders' } },
		});
		const query = '?issuer=people&return_to=https://app.example/a&acr_values=urn:x:aal2&max_age=60&prompt=login';
		expect((await browser.logIn(query)).headers['location']).toBe('https://app.example/a');
		const asked = server.requests.find(({ path }) => path === '/authorize')?.parameters;
		expect(Object.fromEntries(asked ?? [])).toMatchObject({
			scope: 'openid profile',
			audience: 'orders',
			acr_values: 'urn:x:aal2',
			max_age: '60',
			prompt: 'login',
		});
	});

	test('asks for a persistent cookie, and gets the timeouts of such logins', async () => {
		const { browser } = await started({
			timeouts: { absoluteSeconds: 3_600, persistent: { absoluteSeconds: 36_000 } },
		});
		const sessionCookie = ({ cookies = [] }: Awaited<ReturnType<typeof browser.logIn>>) => cookies[0] ?? '';
		expect(sessionCookie(await browser.logIn())).not.toContain('Max-Age');
		expect(sessionCookie(await browser.logIn('?persistent=false'))).not.toContain('Max-Age');
		const maxAge = /; Max-Age=(\d+)$/.exec(sessionCookie(await browser.logIn('?persistent=true')))?.[1];
		const { absoluteExpiresAt, createdAt } = await sessionOf(browser);
		const lifeSeconds = (Date.parse(absoluteExpiresAt) - Date.parse(createdAt)) / 1_000;
		// It counts from the authentication, which was in this second or the one before.
		expect(lifeSeconds).toBeGreaterThan(35_900);
		expect(lifeSeconds).toBeLessThanOrEqual(36_000);
		expect(Number(maxAge)).toBe(Math.floor(lifeSeconds));
	});

	test('gives the browser a copy to carry beside the token, in place of that of another session', async () => {
		const { browser } = await started({ deployment: { reach: createSigningBus() } });
		await browser.logIn();
		expect(browser.jar.get('__Host-Http-session-copy')).toBe('copy-1');
		await browser.logIn();
		expect(browser.jar.get('__Host-Http-session-copy')).not.toBe('copy-1');
		expect([...browser.jar.keys()]).toEqual(['__Host-Http-session', '__Host-Http-session-copy']);
	});

	test('works in two tabs at once', async () => {
		const { browser } = await started();
		const first = await browser.get('/v1/login?return_to=/first');
		const second = await browser.get('/v1/login?return_to=/second');
		const answers = [
			await browser.get(await browser.atIssuer(first)),
			await browser.get(await browser.atIssuer(second)),
		];
		expect(answers.map(({ headers }) => headers['location'])).toEqual([`${apiUrl}/first`, `${apiUrl}/second`]);
	});

	test('keeps at most three logins, and forgets the oldest', async () => {
		const { browser, clock } = await started();
		const begun: Awaited<ReturnType<typeof browser.get>>[] = [];
		for (let tab = 0; tab < 5; tab++) {
			begun.push(await browser.get('/v1/login'));
			clock.advance(10);
		}
		expect(browser.loginCookies()).toHaveLength(3);
		const statuses: number[] = [];
		for (const login of begun) statuses.push((await browser.get(await browser.atIssuer(login))).status);
		expect(statuses).toEqual([400, 400, 303, 303, 303]);
	});

	test.each(['x', '"'])(
		'takes a third of 9 kB at most, however many %s the page has in its address',
		async (character) => {
			const { browser } = await started();
			for (const length of [330, 900, 1_023]) {
				const page = encodeURIComponent(`/${character.repeat(length)}`);
				const { cookies } = await browser.get(`/v1/login?return_to=${page}&acr_values=${'a'.repeat(256)}`);
				expect(cookies?.at(-1)?.length ?? 0).toBeLessThan(3_000);
			}
		},
	);

	test('a prefetch begins nothing', async () => {
		const { browser, server } = await started();
		const { status, body, cookies } = await browser.get('/v1/login', { 'sec-purpose': 'prefetch;prerender' });
		expect([status, cookies, server.requests]).toEqual([403, undefined, []]);
		expect(body).toContain('prefetch_refused');
	});
});

describe('a step-up', () => {
	test('replaces the session of the same subject, at the level that the issuer gave', async () => {
		const { api, browser, behaviour } = await started();
		await browser.logIn();
		const { handle } = await sessionOf(browser);
		const former = browser.jar.get('__Host-Http-session') ?? '';
		await api(
			apiRequest({
				method: 'PATCH',
				headers: { authorization: `Bearer ${former}` },
				body: '{"attributes":{"theme":"dark"}}',
			}),
			'r',
		);
		behaviour.claims = { acr: 'urn:x:aal2' };
		expect((await browser.logIn('?acr_values=urn:x:aal2')).status).toBe(303);
		const session = await sessionOf(browser);
		expect(session).toMatchObject({ subject: 'people:ada', assuranceLevel: 2, attributes: { theme: 'dark' } });
		expect(session.handle).not.toBe(handle);
		expect((await browser.get('/v1/session', { authorization: `Bearer ${former}` })).status).toBe(401);
	});

	test('with a level below what was asked gives that level', async () => {
		const { browser } = await started();
		await browser.logIn('?acr_values=urn:x:aal3');
		expect(await sessionOf(browser)).toMatchObject({ assuranceLevel: 1 });
	});

	test('with an authentication older than max_age begins no session', async () => {
		const { browser, behaviour } = await started();
		behaviour.claims = { auth_time: Math.floor(Date.now() / 1_000) - 3_600 };
		expect((await browser.logIn('?max_age=60')).status).toBe(502);
		behaviour.claims = { auth_time: undefined };
		expect((await browser.logIn('?max_age=60')).status).toBe(502);
		expect(await sessionOf(browser)).toBe(401);
		behaviour.claims = {};
		expect((await browser.logIn('?max_age=60')).status).toBe(303);
	});

	test('of another subject ends the session that was there', async () => {
		const { browser, behaviour } = await started();
		await browser.logIn();
		const former = browser.jar.get('__Host-Http-session') ?? '';
		behaviour.subject = 'bob';
		await browser.logIn();
		expect(await sessionOf(browser)).toMatchObject({ subject: 'people:bob' });
		expect((await browser.get('/v1/session', { authorization: `Bearer ${former}` })).status).toBe(401);
	});
});

describe('a callback begins no session', () => {
	async function refusedIn(browser: ReturnType<typeof createBrowser>, url: string, status: number, code: string) {
		const answer = await browser.get(url, { accept: 'application/json' });
		expect([answer.status, JSON.parse(answer.body ?? '{}').code]).toEqual([status, code]);
		expect(browser.jar.has('__Host-Http-session')).toBe(false);
	}

	test('in a browser that began no login (login CSRF)', async () => {
		const { browser, api } = await started();
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(createBrowser(api), callback, 400, 'login_state_invalid');
	});

	test('with the state of another login of the same browser', async () => {
		const { browser } = await started();
		const [first, second] = [await browser.get('/v1/login'), await browser.get('/v1/login')];
		const [a, b] = [new URL(await browser.atIssuer(first)), new URL(await browser.atIssuer(second))];
		a.searchParams.set('state', b.searchParams.get('state') ?? '');
		await refusedIn(browser, a.href, 400, 'login_state_invalid');
	});

	test('with a cookie that was moved to the name of another state', async () => {
		const { browser, api } = await started();
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		const [name = ''] = browser.loginCookies();
		const thief = createBrowser(api);
		const other = await thief.atIssuer(await thief.get('/v1/login'));
		thief.jar.set(thief.loginCookies()[0] ?? '', browser.jar.get(name) ?? '');
		await refusedIn(thief, other, 400, 'login_state_invalid');
		expect(callback).not.toBe(other);
	});

	test.each([
		['a forged state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
		['no state', (url: URL) => url.searchParams.delete('state')],
		['two states', (url: URL) => url.searchParams.append('state', 'x')],
	])('with %s', async (_, change) => {
		const { browser } = await started();
		const url = new URL(await browser.atIssuer(await browser.get('/v1/login')));
		change(url);
		await refusedIn(browser, url.href, 400, 'login_state_invalid');
	});

	test.each([
		['no code', (url: URL) => url.searchParams.delete('code')],
		['an empty code', (url: URL) => url.searchParams.set('code', '')],
		['two codes', (url: URL) => url.searchParams.append('code', 'x')],
		['two issuers', (url: URL) => url.searchParams.append('iss', 'x')],
		['an ID token in the URL', (url: URL) => url.searchParams.append('id_token', 'x')],
		['a signed response', (url: URL) => url.searchParams.append('response', 'x')],
	])('with %s', async (_, change) => {
		const { browser } = await started();
		const url = new URL(await browser.atIssuer(await browser.get('/v1/login')));
		change(url);
		await refusedIn(browser, url.href, 502, 'issuer_answer_invalid');
	});

	test('more than ten minutes after the login began', async () => {
		const { browser, clock } = await started();
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		clock.advance(10 * 60_000);
		await refusedIn(browser, callback, 400, 'login_state_invalid');
	});

	test('a second time, even with the cookie of the first', async () => {
		const { browser, api } = await started();
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		const copy = createBrowser(api);
		for (const [name, value] of browser.jar) copy.jar.set(name, value);
		expect((await browser.get(callback)).status).toBe(303);
		expect((await browser.get(callback)).status).toBe(400);
		// The issuer refuses a code that was used.
		await refusedIn(copy, callback, 400, 'login_state_invalid');
		expect(copy.loginCookies()).toEqual([]);
	});

	test.each([
		['another issuer', 'https://evil.example'],
		['no issuer, though this one always names itself', 'none'],
	])('if the answer names %s (mix-up)', async (_, iss) => {
		const { browser, behaviour, server } = await started();
		behaviour.iss = iss;
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(browser, callback, 502, 'issuer_answer_invalid');
		expect(server.requests.some(({ path }) => path === '/token')).toBe(false);
	});

	test.each([
		['access_denied', 403, 'login_refused'],
		['login_required', 403, 'login_refused'],
		['temporarily_unavailable', 503, 'issuer_unavailable'],
		['invalid_scope', 502, 'issuer_answer_invalid'],
		['<script>alert(1)</script>', 502, 'issuer_answer_invalid'],
	])('if the issuer answers %s', async (refusal, status, code) => {
		const { browser, behaviour } = await started();
		behaviour.refusal = refusal;
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(browser, callback, status, code);
		expect(browser.loginCookies()).toEqual([]);
	});

	test.each([
		['another nonce', { nonce: 'other' }, 502, 'issuer_answer_invalid'],
		['another issuer', { iss: 'https://evil.example' }, 502, 'issuer_answer_invalid'],
		['another audience', { aud: 'other' }, 502, 'issuer_answer_invalid'],
		['a subject that is too long', { sub: 'x'.repeat(300) }, 401, 'id_token_refused'],
		['an age of a day', { iat: Math.floor(Date.now() / 1_000) - 86_400 }, 401, 'id_token_refused'],
	])('with an ID token of %s', async (_, claims, status, code) => {
		const { browser, behaviour } = await started();
		behaviour.claims = claims;
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(browser, callback, status, code);
	});

	test.each([
		['500', { status: 500, body: '' }, 503, 'issuer_unavailable'],
		['429', { status: 429, body: '' }, 503, 'issuer_unavailable'],
		['a redirect', { status: 302, body: '' }, 502, 'issuer_answer_invalid'],
		['no JSON', { status: 200, body: '<html>', contentType: 'text/html' }, 502, 'issuer_answer_invalid'],
		['broken JSON', { status: 200, body: '{' }, 502, 'issuer_answer_invalid'],
		['no ID token', { status: 200, body: '{"access_token":"a","token_type":"bearer"}' }, 502, 'issuer_answer_invalid'],
		['half a megabyte', { status: 200, body: ' '.repeat(500_000) }, 503, 'issuer_unavailable'],
		['server_error', { status: 400, body: '{"error":"server_error"}' }, 503, 'issuer_unavailable'],
	])('if the token endpoint answers %s', async (_, tokenAnswer, status, code) => {
		const { browser, behaviour } = await started();
		behaviour.tokenAnswer = tokenAnswer;
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(browser, callback, status, code);
	});

	test('and is answered 429 after a hundred that failed', async () => {
		const { browser } = await started();
		const statuses: number[] = [];
		for (let attempt = 0; attempt < 101; attempt++)
			statuses.push((await browser.get('/v1/login/callback?state=x&code=y')).status);
		expect(statuses.indexOf(429)).toBe(100);
	});

	test('if the token endpoint hangs', async () => {
		const { browser, behaviour } = await started();
		behaviour.hanging = ['/token'];
		const callback = await browser.atIssuer(await browser.get('/v1/login'));
		await refusedIn(browser, callback, 503, 'issuer_unavailable');
	});
});

describe('a login does not begin', () => {
	test.each([
		['?issuer=other', 404, 'issuer_unknown'],
		['?return_to=https://evil.example', 400, 'return_to_refused'],
		['?return_to=/a&return_to=/b', 400, 'request_malformed'],
		['?max_age=-1', 400, 'request_malformed'],
		['?prompt=create', 400, 'request_malformed'],
		['?persistent=yes', 400, 'request_malformed'],
		['?persistent=true&persistent=true', 400, 'request_malformed'],
	])('with %s', async (query, status, code) => {
		const { browser } = await started();
		const answer = await browser.get(`/v1/login${query}`, { accept: 'application/json' });
		expect([answer.status, JSON.parse(answer.body ?? '{}').code]).toEqual([status, code]);
		expect(answer.cookies).toBeUndefined();
	});

	test.each([{ down: 500 }, { hanging: ['/.well-known/openid-configuration'] }, { hanging: ['/par'] }])(
		'if the issuer is unavailable: %o',
		async (fault) => {
			const { browser, behaviour, clock } = await started({ pushes: true });
			Object.assign(behaviour, fault);
			const { status, headers } = await browser.get('/v1/login');
			expect([status, headers['retry-after']]).toEqual([503, '1']);
			Object.assign(behaviour, { down: undefined, hanging: [] });
			clock.advance(2_000);
			expect((await browser.logIn()).status).toBe(303);
		},
	);

	test.each([
		{ issuer: 'https://evil.example' },
		{ issuer: undefined },
		{ authorization_endpoint: undefined },
		{ authorization_endpoint: 'nowhere' },
		{ authorization_endpoint: 7 },
		{ authorization_endpoint: 'ftp://issuer.example' },
		{ pushed_authorization_request_endpoint: 'nowhere' },
	])('if the metadata of the issuer have %o', async (metadata) => {
		const { browser } = await started({ metadata });
		const answer = await browser.get('/v1/login', { accept: 'application/json' });
		expect([answer.status, JSON.parse(answer.body ?? '{}').code]).toEqual([502, 'issuer_answer_invalid']);
	});

	test('more often than the rate of a source address allows', async () => {
		const { browser } = await started();
		const statuses: number[] = [];
		for (let login = 0; login < 101; login++) statuses.push((await browser.get('/v1/login')).status);
		expect(statuses.indexOf(429)).toBe(100);
	});
});

describe('with several issuers', () => {
	/** `people` and `staff`, each with its own server. */
	async function withTwo() {
		const { clock, server } = await started();
		const staff = await startAuthorizationServer({ endsSessions: true });
		running.push(staff);
		const issuers = [
			['people', server] as const,
			['staff', staff] as const,
			// Its ID tokens log in, but browsers cannot be sent to it.
			['partner', undefined] as const,
		].map(([name, at]) => ({
			name,
			issuer: at?.url ?? 'https://partner.example',
			audience: 'leasehold-test',
			jwksUri: `${at?.url ?? 'https://partner.example'}/jwks.json`,
			maxAssurance: 3 as const,
			scopes: 'any' as const,
			...(at === undefined ? {} : { client: { id: 'leasehold-test' } }),
		}));
		const context = { clock, log: () => undefined, sendRequest };
		const apiOf = (of: typeof issuers) =>
			createMemoryDeployment([], {
				...context,
				issuers: of,
				verifyIdToken: createIdTokenVerifier(parseIssuers(of, withinAal2), context),
			}).api;
		// The next release, in which `staff` has moved.
		const moved = apiOf(
			issuers.map((issuer) => (issuer.name === 'staff' ? { ...issuer, issuer: 'http://moved.example' } : issuer)),
		);
		return { api: apiOf(issuers), moved, staff };
	}

	test('the request names the one to use, and the logout goes to the one of the session', async () => {
		const { api, staff } = await withTwo();
		const browser = createBrowser(api);
		expect((await browser.get('/v1/login')).status).toBe(404);
		expect((await browser.get('/v1/login?issuer=partner')).status).toBe(404);
		await browser.logIn('?issuer=staff');
		expect(await sessionOf(browser)).toMatchObject({ subject: 'staff:ada' });
		expect((await browser.post('/v1/logout')).headers['location']).toMatch(`${staff.url}/end?`);
	});

	test('the code of one is never given to another', async () => {
		const { api, staff } = await withTwo();
		const browser = createBrowser(api);
		const begun = await browser.get('/v1/login?issuer=people');
		const state = new URL(begun.headers['location'] ?? '').searchParams.get('state') ?? '';
		const callback = new URL(`${apiUrl}/v1/login/callback`);
		callback.search = String(new URLSearchParams({ code: 'c', state, iss: staff.url }));
		expect((await browser.get(callback.href)).status).toBe(502);
		expect(staff.requests.some(({ path }) => path === '/token')).toBe(false);
	});

	test('a login that began before its issuer got another URL does not succeed', async () => {
		const { moved, api } = await withTwo();
		const browser = createBrowser(api);
		const callback = await browser.atIssuer(await browser.get('/v1/login?issuer=staff'));
		const later = createBrowser(moved);
		for (const [name, value] of browser.jar) later.jar.set(name, value);
		expect((await later.get(callback)).status).toBe(400);
	});
});

describe('a client with a secret', () => {
	const reading = (...texts: string[]) => {
		let reads = 0;
		return async () => ({ kind: 'read', text: texts[Math.min(reads++, texts.length - 1)] ?? '' }) as const;
	};

	test.each([undefined, ['client_secret_post'], ['client_secret_post', 'client_secret_basic']])(
		'authenticates as the issuer offers it: %s',
		async (authMethods) => {
			const { browser, behaviour, server } = await started({
				...(authMethods ? { authMethods } : {}),
				pushes: true,
				client: { secretArn },
				deployment: { readSecret: reading('s3cret') },
			});
			behaviour.secret = 's3cret';
			expect((await browser.logIn()).status).toBe(303);
			const token = server.requests.find(({ path }) => path === '/token')?.parameters;
			expect(token?.has('client_secret')).toBe(authMethods?.length === 1);
		},
	);

	test('reads the secret again if the issuer refuses it', async () => {
		const { browser, behaviour, clock } = await started({
			client: { secretArn },
			deployment: { readSecret: reading('first', 'second') },
		});
		behaviour.secret = 'first';
		expect((await browser.logIn()).status).toBe(303);
		behaviour.secret = 'second';
		clock.advance(10_000);
		expect((await browser.logIn()).status).toBe(303);
		behaviour.secret = 'third';
		expect((await browser.logIn()).status).toBe(502);
	});

	test('is unavailable while the secret cannot be read', async () => {
		const { browser } = await started({ client: { secretArn } });
		expect((await browser.get('/v1/login')).status).toBe(503);
	});
});

describe('the page of a problem', () => {
	test('says what to do, repeats nothing of the request, and runs nothing', async () => {
		const { browser, behaviour } = await started();
		behaviour.refusal = 'access_denied';
		const { headers, body = '', status } = await browser.logIn('?return_to=/%3Cscript%3E&persistent=true');
		expect(status).toBe(403);
		expect(headers['content-type']).toBe('text/html; charset=utf-8');
		expect(headers['content-security-policy']).toMatch(/^default-src 'none'; base-uri 'none';/);
		expect(body).toContain('The login did not succeed');
		expect(body).toContain('access_denied');
		expect(body).not.toContain('<script>');
		const [, href = ''] = /href="([^"]+)"/.exec(body) ?? [];
		const again = new URL(href.replaceAll('&#38;', '&'), `${apiUrl}/v1/login/callback`);
		delete behaviour.refusal;
		const answer = await browser.logIn(again.search);
		expect(again.pathname).toBe('/v1/login');
		expect(answer.headers['location']).toBe(`${apiUrl}/%3Cscript%3E`);
		expect(answer.cookies?.[0]).toMatch(/^__Host-Http-session=.*; Max-Age=\d+$/);
	});
});

describe('POST /v1/logout', () => {
	test('ends the session and sends the browser to the issuer', async () => {
		const { browser, server } = await started({ endsSessions: true, client: { logoutParameters: { x: 'y' } } });
		await browser.logIn();
		const token = browser.jar.get('__Host-Http-session') ?? '';
		const { status, headers } = await browser.post('/v1/logout?return_to=/bye');
		const location = new URL(headers['location'] ?? '');
		expect([status, location.origin + location.pathname]).toEqual([303, `${server.url}/end`]);
		expect(Object.fromEntries(location.searchParams)).toEqual({
			client_id: 'leasehold-test',
			post_logout_redirect_uri: `${apiUrl}/bye`,
			x: 'y',
		});
		expect(browser.jar.size).toBe(0);
		expect((await browser.get('/v1/session', { authorization: `Bearer ${token}` })).status).toBe(401);
	});

	test('returns at once if the issuer ends no sessions, is down, or there is no session', async () => {
		const { browser, behaviour, clock } = await started();
		await browser.logIn();
		expect((await browser.post('/v1/logout?return_to=/bye')).headers['location']).toBe(`${apiUrl}/bye`);
		expect((await browser.post('/v1/logout')).headers['location']).toBe(`${apiUrl}/`);
		await browser.logIn();
		behaviour.down = 500;
		clock.advance(11 * 60_000);
		const { headers } = await browser.post('/v1/logout?return_to=/bye', { accept: 'application/json' });
		expect(headers['content-type']).toBe('application/json');
		expect(browser.jar.size).toBe(0);
	});

	test('returns at once if the metadata of the issuer are wrong', async () => {
		const { browser } = await started({ metadata: { end_session_endpoint: 'nowhere' } });
		await browser.logIn();
		expect((await browser.post('/v1/logout')).headers['location']).toBe(`${apiUrl}/`);
	});

	test('ends nothing if another site asks for it, or for a return elsewhere', async () => {
		const { browser } = await started();
		await browser.logIn();
		expect((await browser.post('/v1/logout', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
		expect((await browser.post('/v1/logout?return_to=//evil.example')).status).toBe(400);
		expect(await sessionOf(browser)).toMatchObject({ subject: 'people:ada' });
	});
});
