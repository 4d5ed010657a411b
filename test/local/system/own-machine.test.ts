import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { obedientRegion } from '../fixtures/local-functions.ts';

/** The status of the answer to a request that no client library would send. */
function statusOf(url: string, request: string, headers: readonly string[]): Promise<string | undefined> {
	const { hostname, port } = new URL(url);
	return new Promise((resolve, reject) => {
		const socket = connect(Number(port), hostname, () =>
			socket.write([`${request} HTTP/1.1`, ...headers, 'connection: close', '', ''].join('\r\n')),
		);
		let answer = '';
		socket.on('data', (data) => (answer += data.toString()));
		socket.on('error', reject);
		socket.on('close', () => resolve(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1]));
	});
}

test('only programs and pages of this machine can ask the control, the issuer and the services', async () => {
	const { control, issuer, endpoints } = await obedientRegion({ instancesAtStart: 0 });
	const asked: (readonly [string, string])[] = [
		[control, 'GET /logs?since=0'],
		[control, 'POST /instances/bus-1/kill'],
		[issuer, 'GET /jwks.json'],
		[issuer, 'POST /id-tokens'],
		[endpoints.lambda, 'POST /2015-03-31/functions/bus/invocations'],
		...[endpoints.dynamodb, endpoints.s3, endpoints.sqs].map((url) => [url, 'POST /'] as const),
	];
	for (const [url, request] of asked) {
		const { host, port } = new URL(url);
		for (const headers of [
			[`host: evil.example:${port}`],
			['host: 127.0.0.1.evil.example'],
			[`host: ${host}`, 'origin: https://evil.example'],
			[`host: ${host}`, 'origin: null'],
			[`host: ${host}`, 'sec-fetch-site: cross-site'],
			[`host: ${host}`, 'sec-fetch-site: same-site'],
		])
			expect([request, headers, await statusOf(url, request, headers)]).toEqual([request, headers, '403']);
	}
	for (const headers of [
		[`host: ${new URL(control).host}`],
		['host: localhost'],
		['host: [::1]:80'],
		[`host: ${new URL(control).host}`, `origin: ${control}`, 'sec-fetch-site: same-origin'],
		[`host: ${new URL(control).host}`, 'sec-fetch-site: none'],
	])
		expect([headers, await statusOf(control, 'GET /instances', headers)]).toEqual([headers, '200']);
	expect(await statusOf(control, 'GET //[', ['host: localhost'])).toBe('404');
});

test('a request to the API is for the function to judge, whatever its host and origin', async () => {
	const { url } = await obedientRegion({ busInstancesAtStart: 0, instances: 1 });
	expect(await statusOf(url, 'GET /', ['host: shop.example', 'origin: https://evil.example'])).toBe('200');
});

test('pages of other origins may lead the browser to the issuer, and do no more than that', async () => {
	const { issuer } = await obedientRegion({ instancesAtStart: 0 });
	const link = [`host: ${new URL(issuer).host}`, 'sec-fetch-site: cross-site', 'sec-fetch-dest: document'];
	const navigates = [...link, 'sec-fetch-mode: navigate'];
	expect(await statusOf(issuer, 'GET /authorize?client_id=x', navigates)).toBe('400');
	expect(await statusOf(issuer, 'GET /end_session', navigates)).toBe('200');
	for (const [request, headers] of [
		['POST /authorize', navigates],
		['POST /end_session', navigates],
		['GET /jwks.json', navigates],
		['GET /authorize', [...link, 'sec-fetch-mode: no-cors']],
		['GET /authorize', [...navigates.filter((header) => !header.includes('dest')), 'sec-fetch-dest: iframe']],
		['GET /authorize', ['host: evil.example', ...navigates.slice(1)]],
	] as const)
		expect([request, headers, await statusOf(issuer, request, headers)]).toEqual([request, headers, '403']);
});
