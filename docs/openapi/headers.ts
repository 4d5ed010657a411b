import { carriedTextMax } from '../../functions/carried/carried-copy.ts';
import { sessionIdPattern } from '../../functions/session/ids.ts';
import { versionPattern } from '../../functions/session/session-schema.ts';
import { pagePolicy } from '../../functions/session-server/http/browser/page.ts';
import { emptyResponse } from '../../functions/session-server/http/exchange.ts';
import { refTo } from './schemas.ts';

const text = { type: 'string' };

/** The session cookie and its companions in each form that settings choose, and that of a login. */
const cookieName =
	'__(Host-Http-(partitioned-)?|Host-|Secure-)session(-copy|-renewed)?|__Host-Http-login-[A-Za-z0-9_-]{0,64}';

/** Headers of answers that depend on the request. */
const own = {
	'access-control-allow-credentials': {
		description: 'The page may send cookies. Only for pages of configured origins.',
		schema: { const: 'true' },
	},
	'access-control-allow-headers': { description: 'Those that the preflight asked for.', schema: text },
	'access-control-allow-methods': { description: 'The methods that pages may use.', schema: text },
	'access-control-allow-origin': {
		description: 'The origin of the page, if it is a configured one.',
		schema: { type: 'string', format: 'uri' },
	},
	'access-control-expose-headers': { description: 'The headers that the page may read.', schema: text },
	'access-control-max-age': {
		description: 'The seconds for which the browser may remember this answer.',
		schema: { type: 'integer' },
	},
	allow: { description: 'The methods that the path supports.', required: true, schema: text },
	etag: {
		required: true,
		description: 'The version of the session, in double quotes. `If-Match` takes it.',
		schema: { type: 'string', pattern: versionPattern.source.replace('^', '^"').replace('$', '"$') },
	},
	'leasehold-copy': {
		description: 'The copy of the session for a client with a bearer token to carry, in place of the former one.',
		schema: { type: 'string', pattern: '^[A-Za-z0-9_.-]+$', maxLength: carriedTextMax },
	},
	location: { description: 'Where the browser goes.', required: true, schema: { type: 'string', format: 'uri' } },
	'retry-after': {
		description: 'The seconds after which the client may try again.',
		schema: { type: 'integer', minimum: 0 },
	},
	'set-cookie': {
		description:
			'Sets or clears the session cookie `__Host-Http-session`, its copy `__Host-Http-session-copy`, the time of its last renewal `__Host-Http-session-renewed`, the same three under a former name, or the cookie of a login. The API can be configured to use another name, domain and `SameSite`.',
		schema: {
			type: 'string',
			pattern: `^(${cookieName})=[^;\\s]*; Secure; HttpOnly; Path=/; SameSite=(Lax|Strict|None)(; Domain=[a-z0-9.-]+)?(; Partitioned)?(; Max-Age=\\d+)?$`,
		},
	},
	vary: { description: 'Names `Origin` if origins are configured.', schema: text },
	'www-authenticate': {
		description: 'The scheme of the token that the request needs.',
		required: true,
		schema: { const: 'Bearer realm="leasehold"' },
	},
	'x-session-assurance': {
		description: 'The assurance level that the session has now.',
		required: true,
		schema: { type: 'integer', enum: [1, 2, 3] },
	},
	'x-session-evidence': {
		description: 'How the decision was made, as JSON, if the API is configured to tell.',
		schema: { type: 'string', contentMediaType: 'application/json' },
	},
	'x-session-handle': {
		description: 'The handle of the session.',
		required: true,
		schema: { type: 'string', pattern: sessionIdPattern.source },
	},
	'x-session-scopes': {
		description: 'The scopes, percent-encoded, between spaces. Two double quotes if there is none.',
		required: true,
		schema: { type: 'string', minLength: 1 },
	},
	'x-session-subject': {
		description: 'The subject, percent-encoded.',
		required: true,
		schema: { type: 'string', minLength: 1 },
	},
} as const;

export type HeaderName = keyof typeof own;

/** The headers of every answer of the session server. */
const fixed = emptyResponse(200).headers;

/** Headers that any answer has if origins are configured. */
const ofOrigins: readonly HeaderName[] = [
	'access-control-allow-credentials',
	'access-control-allow-origin',
	'access-control-expose-headers',
	'vary',
];

/** The headers of the document. */
export function headers(): Readonly<Record<string, object>> {
	// Not required: API Gateway and services answer without them.
	const always = Object.entries(fixed).map(([name, value]) => {
		const schema = { enum: [value, ...ofPages(name)] };
		return [name, { description: 'In every answer of the session server.', schema }] as const;
	});
	return Object.fromEntries([...always, ...Object.entries(own)].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function ofPages(name: string): readonly string[] {
	return name === 'content-security-policy' ? [pagePolicy] : [];
}

/** The headers of an answer that has these, and those of every answer. */
export function headersWith(names: readonly HeaderName[]): Readonly<Record<string, object>> {
	const all = [...new Set([...Object.keys(fixed), ...ofOrigins, ...names])].sort();
	return Object.fromEntries(all.map((name) => [name, refTo('headers', name)]));
}

/** The same for an answer that may be of a service, which may lack each of them. */
export function optionalHeadersWith(names: readonly HeaderName[]): Readonly<Record<string, object>> {
	const ownOptional = names.map((name) => [name, { ...own[name], required: false }]);
	return { ...headersWith(names), ...Object.fromEntries(ownOptional) };
}
