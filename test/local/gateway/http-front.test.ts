import { Buffer } from 'node:buffer';
import { connect } from 'node:net';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, test } from 'vitest';
import { obedientRegion } from '../fixtures/local-functions.ts';

const oneInstance = { instances: 1, busInstancesAtStart: 0 };

/** The event that the function got for a request. The obedient function answers with it. */
async function eventOf(response: Response): Promise<APIGatewayProxyEventV2> {
	return (await response.json()) as APIGatewayProxyEventV2;
}

test('a request becomes an event of payload format 2.0', async () => {
	const { url } = await obedientRegion(oneInstance);
	const { host, hostname, port } = new URL(url);
	const response = await fetch(`${url}/v1/authorize?service=a%20b&service=c&empty=`, {
		headers: [
			['cookie', 'a=1; b=two'],
			['X-Mixed-Case', 'kept'],
			['x-list', 'one'],
			['x-list', 'two'],
			['user-agent', 'test'],
		],
	});
	const { headers, ...event } = await eventOf(response);
	expect(event).toEqual({
		version: '2.0',
		routeKey: 'ANY /v1/authorize',
		rawPath: '/v1/authorize',
		rawQueryString: 'service=a%20b&service=c&empty=',
		cookies: ['a=1', 'b=two'],
		queryStringParameters: { service: 'a b,c', empty: '' },
		requestContext: {
			accountId: '000000000000',
			apiId: 'local',
			domainName: hostname,
			domainPrefix: 'local',
			http: {
				method: 'GET',
				path: '/v1/authorize',
				protocol: 'HTTP/1.1',
				sourceIp: '127.0.0.1',
				userAgent: 'test',
			},
			requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
			routeKey: 'ANY /v1/authorize',
			stage: '$default',
			time: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
			timeEpoch: expect.closeTo(Date.now(), -5),
		},
		isBase64Encoded: false,
	});
	expect(headers).toMatchObject({
		host,
		'x-mixed-case': 'kept',
		'x-forwarded-for': '127.0.0.1',
		'x-forwarded-port': port,
	});
	expect(headers['x-list']?.replace(', ', ',')).toBe('one,two');
	expect(headers).not.toHaveProperty('cookie');
	expect(headers).not.toHaveProperty('connection');
});

test('header lines with the same name are joined by a comma', async () => {
	const { url } = await obedientRegion(oneInstance);
	const answer = await raw(url, 'GET / HTTP/1.1\r\nhost: a\r\nx-a: 1\r\nX-A: 2\r\nconnection: close\r\n\r\n');
	expect(answer).toContain('"x-a":"1,2"');
});

test('text arrives as text and everything else as base64', async () => {
	const { url } = await obedientRegion(oneInstance);
	const sent = async (type: string) => {
		const response = await fetch(`${url}/v1/sessions`, {
			method: 'POST',
			body: '{"ä":1}',
			headers: { 'content-type': type },
		});
		const { body, isBase64Encoded, routeKey } = await eventOf(response);
		return { body, isBase64Encoded, routeKey };
	};
	const routeKey = 'POST /v1/sessions';
	const text = { body: '{"ä":1}', isBase64Encoded: false, routeKey };
	const encoded = { body: Buffer.from('{"ä":1}').toString('base64'), isBase64Encoded: true, routeKey };
	expect(await sent('application/json')).toEqual(text);
	expect(await sent('application/problem+json; charset=utf-8')).toEqual(text);
	expect(await sent('text/plain')).toEqual(text);
	expect(await sent('application/x-www-form-urlencoded')).toEqual(encoded);
	expect(await sent('application/octet-stream')).toEqual(encoded);
});

test('a request without a route goes to the function as $default, with any method', async () => {
	const { url } = await obedientRegion(oneInstance);
	expect((await eventOf(await fetch(`${url}/nowhere`))).routeKey).toBe('$default');
	expect((await eventOf(await fetch(`${url}/v1/session`, { method: 'OPTIONS' }))).routeKey).toBe('$default');
	const head = await fetch(`${url}/v1/session`, { method: 'HEAD' });
	expect([head.status, await head.text()]).toEqual([200, '']);
});

test('status, headers, cookies and bytes of an answer are sent unchanged, with the name of the process', async () => {
	const { url } = await obedientRegion(oneInstance);
	const response = await fetch(`${url}/?do=respond`);
	expect(response.status).toBe(201);
	expect(response.headers.get('x-some')).toBe('thing');
	expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
	expect(response.headers.get('x-local-process')).toBe('session-server-1');
	expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 1]);
	const empty = await fetch(`${url}/?do=nothing`);
	expect([empty.status, await empty.text()]).toEqual([204, '']);
});

test('an error, an ended process and a malformed answer become API Gateway’s internal error', async () => {
	const { url } = await obedientRegion({ ...oneInstance, onCrash: () => undefined });
	for (const wish of ['throw', 'malformed', 'wrong-header', 'unserializable', 'exit']) {
		const response = await fetch(`${url}/?do=${wish}`);
		expect([wish, response.status, await response.json()]).toEqual([wish, 500, { message: 'Internal Server Error' }]);
	}
	expect((await fetch(url)).headers.get('x-local-process')).toBe('session-server-2');
});

test('requests wait for a free instance', async () => {
	const { url } = await obedientRegion(oneInstance);
	const answers = await Promise.all(Array.from({ length: 5 }, () => fetch(`${url}/?do=sleep&ms=50`)));
	expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
});

test('x-local-target selects the instance that answers, and is not in the event', async () => {
	const { url } = await obedientRegion({ instances: 3, busInstancesAtStart: 0 });
	const to = (target: string) => fetch(url, { headers: { 'x-local-target': target } });
	for (let i = 0; i < 10; i += 1) {
		const response = await to('session-server-2');
		expect(response.headers.get('x-local-process')).toBe('session-server-2');
		expect((await eventOf(response)).headers).not.toHaveProperty('x-local-target');
	}
	expect((await to('session-server-9')).status).toBe(503);
});

test('bodies and headers over API Gateway’s quotas are refused', async () => {
	const { url } = await obedientRegion(oneInstance);
	const body = await fetch(url, { method: 'POST', body: Buffer.alloc(10 * 1024 * 1024 + 1) });
	expect([body.status, await body.json()]).toEqual([413, { message: 'Request Entity Too Large' }]);
	expect((await fetch(url, { headers: { 'x-long': 'a'.repeat(9_500) } })).status).toBe(200);
	expect((await fetch(url, { headers: { 'x-long': 'a'.repeat(10_240) } })).status).toBe(431);
});

test('the front still works after a client cuts its connection or sends nonsense', async () => {
	const { url } = await obedientRegion(oneInstance);
	await raw(url, 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nshort', 50);
	expect(await raw(url, 'NONSENSE\r\n\r\n')).toContain('400 Bad Request');
	expect((await fetch(url)).status).toBe(200);
});

/**
 * Sends bytes unchanged, and reads until the server closes, or until this side closes after
 * `closeAfterMs`.
 */
function raw(url: string, bytes: string, closeAfterMs?: number): Promise<string> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		let answer = '';
		const socket = connect(Number(port), hostname, () => socket.write(bytes));
		socket.on('data', (chunk) => {
			answer += chunk;
		});
		socket.on('close', () => resolve(answer)).on('error', reject);
		if (closeAfterMs !== undefined) setTimeout(() => socket.destroy(), closeAfterMs);
	});
}

test('behind something that ends TLS, the function is told https, whatever the client sends', async () => {
	for (const [protocol, expected] of [
		[undefined, 'http'],
		['https', 'https'],
	] as const) {
		const { url } = await obedientRegion({ ...oneInstance, ...(protocol === undefined ? {} : { protocol }) });
		const { headers } = await eventOf(await fetch(url, { headers: { 'x-forwarded-proto': 'ftp' } }));
		expect(headers['x-forwarded-proto']).toBe(expected);
	}
});
