import { randomUUID } from 'node:crypto';

/** The event of a request, as an API Gateway HTTP API sends it. */
export function eventText(
	route: string,
	headers: Readonly<Record<string, string>>,
	cookies: readonly string[],
): string {
	const [method = '', url = ''] = route.split(' ');
	const [rawPath = '', rawQueryString = ''] = url.split('?');
	return JSON.stringify({
		version: '2.0',
		routeKey: `${method} ${rawPath}`,
		rawPath,
		rawQueryString,
		...(cookies.length === 0 ? {} : { cookies }),
		headers: {
			accept: '*/*',
			'accept-encoding': 'gzip, deflate, br',
			host: 'api.example.com',
			'user-agent':
				'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
			'x-amzn-trace-id': 'Root=1-69283f2c-3c7d1e4e2f0b4a5c6d7e8f90',
			'x-forwarded-for': '203.0.113.7',
			'x-forwarded-port': '443',
			'x-forwarded-proto': 'https',
			...headers,
		},
		...(rawQueryString === ''
			? {}
			: { queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)) }),
		requestContext: {
			accountId: '000000000000',
			apiId: 'benchmark',
			domainName: 'api.example.com',
			domainPrefix: 'api',
			http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: 'benchmark' },
			requestId: randomUUID(),
			routeKey: `${method} ${rawPath}`,
			stage: '$default',
			time: '27/Nov/2026:09:00:00 +0000',
			timeEpoch: 1_795_770_000_000,
		},
		isBase64Encoded: false,
	});
}
