import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import { authorizerAlias } from '../../functions/bus/deployment/callers.ts';
import type { AuthorizerResult } from '../../functions/session-server/authorizer/authorize-route.ts';
import type { AuthorizerVariables } from '../../functions/session-server/deployment/environment.ts';
import { bundleFunction, placeServiceCatalog } from '../../local/lambda/bundle.ts';
import { busName, tables } from '../../local/lambda/function-variables.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { type RegionClient, startRegionClient } from './region-client.ts';

const services: readonly ServiceRule[] = [
	{ name: 'profile', routes: ['GET /profile', 'POST /profile'] },
	{ name: 'admin', anyScope: ['admin'], routes: ['ANY /admin/{proxy+}'] },
];
const tokenKeys = JSON.stringify([{ id: 'k001', secret: Buffer.alloc(32, 7).toString('base64') }]);
let client: RegionClient;
let folder: string;
let authorize: (event: object) => Promise<AuthorizerResult>;

/** Runs the bundle of the authorizer in this process, beside the region's session servers. */
beforeAll(async () => {
	client = await startRegionClient({ services, sessionServerVariables: { LEASEHOLD_TOKEN_KEYS: tokenKeys } });
	folder = await mkdtemp(join(tmpdir(), 'leasehold-test-'));
	const entry = fileURLToPath(new URL('../../functions/session-server/authorizer/handler.ts', import.meta.url));
	const [{ file }] = await Promise.all([
		bundleFunction({ entry, outDir: folder }),
		placeServiceCatalog(folder, services),
	]);
	const { dynamodb, lambda } = client.region.endpoints;
	const variables: AuthorizerVariables = {
		LEASEHOLD_CONTROL_TABLE: tables.controlTable,
		LEASEHOLD_BUS_FUNCTION: `${busName}:${authorizerAlias}`,
		LEASEHOLD_TOKEN_KEYS: tokenKeys,
	};
	Object.assign(process.env, variables, {
		AWS_REGION: localAccount.region,
		AWS_ACCESS_KEY_ID: localAccount.credentials.accessKeyId,
		AWS_SECRET_ACCESS_KEY: localAccount.credentials.secretAccessKey,
		AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
		AWS_ENDPOINT_URL_LAMBDA: lambda,
	});
	const { handler } = (await import(pathToFileURL(file).href)) as {
		handler: (event: object, context: Pick<Context, 'awsRequestId'>) => Promise<AuthorizerResult>;
	};
	authorize = (event) => handler(event, { awsRequestId: 'r' });
});
afterAll(async () => {
	await client.region.stop();
	await rm(folder, { recursive: true });
});

function event(routeKey: string, token: string): object {
	return {
		routeKey,
		headers: {},
		cookies: [`__Host-Http-session=${token}`],
		requestContext: { http: { method: 'GET' } },
	};
}

test('a session may use the routes of the services whose rules it meets, and no others', async () => {
	const token = await client.login();
	expect(await authorize(event('GET /profile', token))).toMatchObject({
		isAuthorized: true,
		context: { subject: 'local:grace', scopes: 'billing:read' },
	});
	expect(await authorize(event('ANY /admin/{proxy+}', token))).toMatchObject({
		context: { code: 'service_forbidden' },
	});
	expect(await authorize(event('GET /other', token))).toMatchObject({ context: { code: 'service_unknown' } });
});

test('a refusal is logged with its code, and counted by it', async () => {
	const token = await client.login();
	const lines: string[] = [];
	const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
		lines.push(String(line));
		return true;
	});
	try {
		await authorize(event('ANY /admin/{proxy+}', token));
		// Metrics are published once a second, at the end of an invocation.
		await expect
			.poll(async () => {
				await authorize(event('GET /profile', token));
				return lines.some((line) => /"code":"service_forbidden".*"Refusals":\d/.test(line));
			})
			.toBe(true);
	} finally {
		write.mockRestore();
	}
	expect(lines).toContainEqual(expect.stringMatching(/"operation":"authorizer".*"refused":"service_forbidden"/));
});

test('a second decision makes no call of the bus', async () => {
	const token = await client.login();
	await authorize(event('GET /profile', token));
	const before = await client.busCalls();
	expect(await authorize(event('GET /profile', token))).toMatchObject({ isAuthorized: true });
	expect(await client.busCalls()).toBe(before);
});

test('an outage is an error, which API Gateway answers with a 500, and not a denial', async () => {
	const token = await client.login();
	await client.control('PUT', '/services/lambda', { fault: 'error' });
	await expect(authorize(event('GET /profile', token))).rejects.toThrow('cannot be looked up');
	await client.control('PUT', '/services/lambda', { fault: 'none' });
	expect(await authorize(event('GET /profile', token))).toMatchObject({ isAuthorized: true });
});

test.each([
	[
		'in a cookie',
		(token: string, copy: string) => ({ ...event('GET /profile', token), cookies: cookiesOf(token, copy) }),
	],
	[
		'in a header',
		(token: string, copy: string) => ({
			...event('GET /profile', token),
			cookies: [],
			headers: { authorization: `Bearer ${token}`, 'leasehold-copy': copy },
		}),
	],
])('a copy that the client carries %s is enough for a decision, without the bus', async (_where, eventOf) => {
	const logIn = async () => {
		const idToken = await client.region.mint({ subject: 'grace' });
		const body = { delivery: 'bearer' };
		const { json, headers } = await client.call('POST', '/v1/sessions', { token: idToken, body });
		return { token: String(json['token']), copy: headers.get('leasehold-copy') ?? '' };
	};
	// A bus environment publishes its key with its first messages.
	await expect.poll(async () => (await logIn()).copy).not.toBe('');
	const { token, copy } = await logIn();
	const before = await client.busCalls();
	expect(await authorize(eventOf(token, copy))).toMatchObject({ isAuthorized: true });
	expect(await client.busCalls()).toBe(before);
});

function cookiesOf(token: string, copy: string): readonly string[] {
	return [`__Host-Http-session=${token}`, `__Host-Http-session-copy=${copy}`];
}
