import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Issuer } from '../../../functions/session-server/deployment/issuers.ts';
import { type LocalIssuer, startIssuer } from '../../../local/issuer/issuer.ts';
import { type Called, type RegionClient, startRegionClient } from '../region-client.ts';

/*
 * A deployment that sets timeouts, an issuer that sets others for itself and for one of its
 * clients, and an issuer that sets none. The clocks of all instances are set ahead together.
 */

let staff: LocalIssuer;
let partner: LocalIssuer;
let client: RegionClient;

beforeAll(async () => {
	[staff, partner] = await Promise.all([startIssuer(), startIssuer()]);
	const entry = (name: string, { url, jwksUri }: LocalIssuer) => ({
		name,
		issuer: url,
		jwksUri,
		audience: ['web', 'kiosk'],
		maxAssurance: 3 as const,
		scopes: 'any' as const,
		// Its clock stands behind those of the instances.
		maxTokenAgeSeconds: 86_400,
	});
	const kiosk = { id: 'kiosk', absoluteSeconds: 900, idleSeconds: 120 };
	const issuers: Issuer[] = [
		{ ...entry('staff', staff), timeouts: { absoluteSeconds: 1_800, idleSeconds: 600, clients: [kiosk] } },
		entry('partner', partner),
	];
	const own = { idleSeconds: 1_800, persistent: { absoluteSeconds: 43_200, idleSeconds: 3_600 } };
	client = await startRegionClient({
		instances: 1,
		// Each has its clock set ahead, so none may start later.
		busInstances: 2,
		busInstancesAtStart: 2,
		issuers,
		sessionServerVariables: {
			LEASEHOLD_TIMEOUTS: JSON.stringify(own),
			LEASEHOLD_COOKIE: JSON.stringify({ renewalSeconds: 300 }),
		},
	});
});
afterAll(async () => {
	await client.region.stop();
	await Promise.all([staff.close(), partner.close()]);
});

let aheadSeconds = 0;

async function pass(seconds: number): Promise<void> {
	aheadSeconds += seconds;
	const instances = (await client.control('GET', '/instances')) as { name: string }[];
	for (const { name } of instances)
		await client.control('POST', `/instances/${name}/clock`, { offsetMs: aheadSeconds * 1_000 });
}

/** The first answer that is not 503. On a busy machine, some syncs take too long. */
async function answered(ask: () => Promise<Called>): Promise<Called> {
	for (let attempt = 0; attempt < 20; attempt++) {
		const answer = await ask();
		if (answer.status !== 503) return answer;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	throw new Error('the API stayed unavailable');
}

/** Logs in at an issuer, now. */
function logIn(issuer: LocalIssuer, audience: string, body: object = { delivery: 'bearer' }): Promise<Called> {
	return answered(async () => {
		const authTime = Math.floor(Date.now() / 1_000) + aheadSeconds;
		const token = await issuer.mint({ subject: 'ada', audience, authTime, expiresInSeconds: 86_400 });
		return client.call('POST', '/v1/sessions', { token, body });
	});
}

async function tokenOf(issuer: LocalIssuer, audience: string): Promise<string> {
	const { status, json } = await logIn(issuer, audience);
	expect(status).toBe(201);
	return String(json['token']);
}

function use(how: { readonly token: string } | { readonly cookie: string }): Promise<Called> {
	return answered(() => client.call('GET', '/v1/authorize?service=profile', how));
}

/** 204 after a use of the session, or the code of its end. */
async function afterUse(token: string): Promise<unknown> {
	const { status, json } = await use({ token });
	return status === 204 ? status : json['code'];
}

/** The status of a view, which is no use. */
async function viewed(token: string): Promise<number> {
	return (await answered(() => client.call('GET', '/v1/session', { token }))).status;
}

describe('sessions end by the timeouts of where they were begun', () => {
	test('a session that nobody uses, by the idle time of its client, its issuer or the deployment', async () => {
		const atKiosk = await tokenOf(staff, 'kiosk');
		const atStaff = await tokenOf(staff, 'web');
		const atPartner = await tokenOf(partner, 'kiosk');
		await pass(130);
		expect(await afterUse(atKiosk)).toBe('session_expired_idle');
		expect(await viewed(atStaff)).toBe(200);
		await pass(480);
		expect(await afterUse(atStaff)).toBe('session_expired_idle');
		expect(await viewed(atPartner)).toBe(200);
		await pass(1_200);
		expect(await afterUse(atPartner)).toBe('session_expired_idle');
	});

	test('a session in use, by the absolute time of its client or its issuer, and no other', async () => {
		const atKiosk = await tokenOf(staff, 'kiosk');
		const atStaff = await tokenOf(staff, 'web');
		const atPartner = await tokenOf(partner, 'web');
		for (let seconds = 0; seconds < 800; seconds += 100) {
			await pass(100);
			expect([await afterUse(atKiosk), await afterUse(atStaff)]).toEqual([204, 204]);
		}
		await pass(110);
		expect([await afterUse(atKiosk), await afterUse(atStaff)]).toEqual(['session_expired_absolute', 204]);
		for (const seconds of [400, 400]) {
			await pass(seconds);
			expect([await afterUse(atStaff), await afterUse(atPartner)]).toEqual([204, 204]);
		}
		await pass(110);
		expect([await afterUse(atStaff), await afterUse(atPartner)]).toEqual(['session_expired_absolute', 204]);
	});
});

test('a persistent cookie has the timeouts of such logins, and is renewed once in the interval', async () => {
	const { json, headers } = await logIn(partner, 'web', { persistent: true });
	const { createdAt, idleExpiresAt, absoluteExpiresAt } = json['session'] as Record<string, string>;
	expect(secondsBetween(createdAt, idleExpiresAt)).toBe(3_600);
	expect(Math.ceil(secondsBetween(createdAt, absoluteExpiresAt) / 10) * 10).toBe(43_200);
	const persistent = (token: string) => [
		expect.stringMatching(new RegExp(`^__Host-Http-session=${token}; .*; Max-Age=3900$`)),
		expect.stringMatching(/^__Host-Http-session-renewed=\d+; .*; Max-Age=3900$/),
	];
	const [first = '', second = ''] = headers.getSetCookie();
	const token = /^__Host-Http-session=([^;]+)/.exec(first)?.[1] ?? '';
	expect([first, second]).toEqual(persistent(token));
	const cookieOf = (...set: string[]) => set.map((text) => text.slice(0, text.indexOf(';'))).join('; ');
	const asked = async (cookie: string) => {
		const answer = await use({ cookie });
		expect(answer.status).toBe(204);
		return answer.headers.getSetCookie().filter((text) => !text.includes('-copy='));
	};
	const cookie = cookieOf(first, second);
	expect(await asked(cookie)).toEqual([]);
	await pass(310);
	const renewed = await asked(cookie);
	expect(renewed).toEqual(persistent(token));
	expect(await asked(cookieOf(...renewed))).toEqual([]);
});

function secondsBetween(from = '', to = ''): number {
	return (Date.parse(to) - Date.parse(from)) / 1_000;
}
