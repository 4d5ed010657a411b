import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { routes } from '../../functions/session-server/deployment/routes.ts';
import type { Random } from '../simulation/engine/random.ts';

/** The origin that the fuzzed deployment lists. Hostile events have others that look like it. */
export const listedOrigin = 'https://app.example.com';

/** An event that API Gateway or an emulator could send for a hostile client. */
export interface HostileEvent {
	readonly event: APIGatewayProxyEventV2;
	/** Whether it carries a token that lets its client in. */
	readonly carriesToken: boolean;
}

const methods = ['GET', 'POST', 'PATCH', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'get', 'TRACE', ''];
const names = [
	'authorization',
	'cookie',
	'if-match',
	'origin',
	'access-control-request-method',
	'access-control-request-headers',
	'sec-fetch-site',
	'x-requested-with',
	'host',
	'x-session-subject',
	'leasehold-copy',
];
const texts = [
	'',
	'*',
	'""',
	'"v"',
	'null',
	`${listedOrigin}.evil.example`,
	`${listedOrigin},https://evil.example`,
	'__proto__',
	'same-origin',
	'cross-site',
	'\u0000',
	'é\ud800',
	'x'.repeat(9_000),
	'../..',
	'%2e%2e/',
	'Bearer',
];
const bodies = [
	'',
	'{}',
	'[]',
	'null',
	'{"attributes":{"__proto__":1}}',
	'{"attributes":{"draft":1}}',
	'{"attributes":{"draft":null}}',
	'{"delivery":"bearer"}',
	'{"delivery":1}',
	'{"persistent":true}',
	'['.repeat(60_000),
	'\ufeff{}',
	'{"attributes":{"draft":"\\ud800"}}',
];

/** Times of the last renewal of a persistent cookie. */
const renewals = ['0', '1700000000', '999999999999', '9'.repeat(400), '-1', '1e99', 'NaN', ''];

/** The credentials of a client that is let in. */
export interface Credentials {
	readonly token: string;
	/** The copy that it carries. */
	readonly copy: string;
}

export function hostileEvent(random: Random, { token, copy }: Credentials): HostileEvent {
	const route = random.pick(routes);
	const path = pathOf(random, route.path);
	const method = random.chance(0.7) ? route.method.replace('ANY', 'GET') : random.pick(methods);
	const [how, presented] = presentedToken(random, token);
	const headers: Record<string, string> = {};
	for (let header = random.between(0, 4); header > 0; header--)
		headers[random.pick(names)] = random.pick([...texts, junk(random)]);
	const cookies = random.chance(0.3) ? [`a=${random.pick(texts)}`] : [];
	if (how === 'bearer') headers['authorization'] = `Bearer ${presented}`;
	if (how === 'cookie') cookies.push(`${random.pick(['__Host-Http-session', '__Host-session'])}=${presented}`);
	if (random.chance(0.5)) headers['leasehold-copy'] = hostileCopy(random, copy);
	if (random.chance(0.5)) cookies.push(`__Host-Http-session-copy=${hostileCopy(random, copy)}`);
	if (random.chance(0.3)) cookies.push(`__Host-Http-session-renewed=${random.pick([...renewals, junk(random)])}`);
	const body = random.chance(0.7) ? random.pick(bodies) : junk(random);
	const isBase64Encoded = random.chance(0.2);
	const event: unknown = {
		rawPath: path,
		rawQueryString: random.pick([
			'',
			'service=service',
			'service=a&service=b',
			'confirm=everywhere',
			'confirm=1',
			'%',
			junk(random),
		]),
		headers,
		...(random.chance(0.8) ? { cookies } : {}),
		requestContext: { http: { method, path, sourceIp: random.pick(['192.0.2.1', '2001:db8::1', '']) } },
		...(random.chance(0.9) ? { body } : {}),
		isBase64Encoded,
	};
	return { event: event as APIGatewayProxyEventV2, carriesToken: how !== 'none' && presented === token };
}

function pathOf(random: Random, routePath: string): string {
	const known = routePath.replace('{name}', 'service').replace('{proxy+}', 'a/b').replace('{handle}', 'A'.repeat(22));
	return random.chance(0.8) ? known : random.pick(['', '/', `${known}/`, `/${known}`, `${known}/../x`, junk(random)]);
}

function presentedToken(random: Random, token: string): ['bearer' | 'cookie' | 'none', string] {
	const how = random.pick(['bearer', 'bearer', 'cookie', 'none'] as const);
	const bytes = Buffer.from(token, 'base64url');
	const at = random.between(0, bytes.length - 1);
	bytes[at] = (bytes[at] ?? 0) ^ (1 << random.between(0, 7));
	const flipped = bytes.toString('base64url');
	return [
		how,
		random.pick([
			token,
			flipped,
			flipped,
			token.slice(at),
			`${token}=`,
			bytes.toString('base64'),
			random.pick(texts),
			junk(random),
		]),
	];
}

/** The copy, or one that was made from it. */
function hostileCopy(random: Random, copy: string): string {
	const parts = copy.split('.');
	const at = random.between(0, parts.length - 1);
	const changed = (part: string) => parts.with(at, part).join('.');
	return random.pick([
		copy,
		changed(junk(random)),
		changed(''),
		changed((parts[at] ?? '').slice(1)),
		changed(random.pick(parts)),
		parts.slice(0, at).join('.'),
		`${copy}.${copy}`,
		random.pick(texts),
		junk(random),
	]);
}

function junk(random: Random): string {
	return Buffer.from(random.bytes(random.between(0, 90))).toString(
		random.pick(['latin1', 'utf8', 'base64url'] as const),
	);
}

/**
 * A message that no session server sends: JSON of any shape, or a message with something changed.
 */
export function hostileMessage(random: Random): unknown {
	const operation = random.pick([
		'create',
		'read',
		'recover',
		'update',
		'touch',
		'revoke',
		'list',
		'revokeSubject',
		'health',
		'__proto__',
		1,
	]);
	const value = () =>
		random.pick([
			false,
			null,
			0,
			-1,
			Number.MAX_VALUE,
			'',
			'A'.repeat(22),
			[],
			{},
			{ kind: 'found' },
			JSON.parse('{"__proto__":{}}'),
			junk(random),
		]);
	const fields = [
		'sessionId',
		'secretHash',
		'asker',
		'demand',
		'session',
		'quota',
		'changes',
		'stamp',
		'adopter',
		'seenAtMs',
		'__proto__',
	];
	const body = Object.fromEntries(fields.filter(() => random.chance(0.4)).map((name) => [name, value()]));
	return random.chance(0.1) ? value() : { protocol: random.pick([7, 7, 7, 6, '7']), body: { operation, ...body } };
}
