import { sessionIdPattern } from '../../functions/session/ids.ts';
import { formerCookieNames } from '../../functions/session-server/deployment/browser-settings.ts';
import { loginParameters } from '../../functions/session-server/http/browser/begin-login.ts';
import { ifMatchPattern } from '../../functions/session-server/http/session.ts';
import { copyHeader } from '../../functions/session-server/http/session-token.ts';

type Place = 'path' | 'query' | 'header' | 'cookie';

interface Parameter {
	readonly name: string;
	readonly in: Place;
	readonly description: string;
	readonly required?: true;
	readonly deprecated?: true;
	readonly schema: object;
	readonly example?: string;
}

const text = { type: 'string' };
const copyMeaning = 'The last copy of the session that came with an answer. One that does not fit is ignored.';
const [cookieName = '', formerCookieName = ''] = formerCookieNames;

/** The parameters, by their name in the document. */
const known = {
	handle: path('handle', 'The handle of one of the subject’s sessions.', {
		type: 'string',
		pattern: sessionIdPattern.source,
	}),
	service: { ...query('service', 'The name of exactly one service.', text), required: true, example: 'billing' },
	serviceAndRest: {
		...path('proxy', 'The name of a service. A slash and a path may follow, which are ignored.', text),
		example: 'billing',
	},
	name: { ...path('name', 'The name of a service.', text), example: 'billing' },
	rest: { ...path('proxy', 'The path at the service. It may have slashes.', text), example: 'bills/7' },
	anyPath: path('proxy', 'Any other path. It may have slashes.', text),
	confirm: query('confirm', 'Asks for proof that every live instance knows of the end.', { const: 'everywhere' }),
	issuer: query('issuer', 'The name of an issuer that browsers can log in at.', patternOf('issuer')),
	acrValues: query('acr_values', 'The authentication contexts to ask for.', patternOf('acr_values')),
	maxAge: query('max_age', 'The longest time since the authentication, in seconds.', patternOf('max_age')),
	persistent: query('persistent', 'Whether the session cookie outlives the browser.', patternOf('persistent')),
	prompt: query('prompt', 'How the issuer prompts the user.', patternOf('prompt')),
	returnTo: query('return_to', 'Where the browser goes afterwards: a path, or a URL of an allowed origin.', {
		type: 'string',
		default: '/',
	}),
	state: query(
		'state',
		'The state of the login, which the issuer repeats. The request also needs the cookie that the beginning of the login has set, `__Host-Http-login-` and a part of the digest of the state.',
		text,
	),
	code: query('code', 'The code of the issuer.', text),
	error: query('error', 'Why the issuer logs nobody in.', text),
	iss: query('iss', 'The issuer (RFC 9207).', text),
	ifMatch: header('if-match', 'The version that the session must have, in double quotes. `*` has no effect.', {
		anyOf: [{ type: 'string', pattern: ifMatchPattern.source }, { const: '*' }],
	}),
	copy: header(copyHeader, `${copyMeaning} It counts only beside a bearer token.`, text),
	copyCookie: cookie(`${cookieName}-copy`, copyMeaning, { schema: text }),
	formerCookie: cookie(formerCookieName, 'The former name of the session cookie.', { schema: text, deprecated: true }),
	requestedWith: header('x-requested-with', 'With any value, proves the origin of a change by a cookie.', text),
	fetchSite: header('sec-fetch-site', 'With `same-origin`, proves the origin of a change by a cookie.', text),
	origin: header('origin', 'If it is a configured one, proves the origin of a change by a cookie.', text),
	forwardedMethod: header('x-forwarded-method', 'The method of the request about which a proxy asks.', text),
	originalMethod: header('x-original-method', 'The method of the request about which a proxy asks.', text),
	pageOrigin: { ...header('origin', 'The origin of the page.', text), required: true },
	requestMethod: {
		...header('access-control-request-method', 'The method that the page wants to use.', text),
		required: true,
	},
	requestHeaders: header('access-control-request-headers', 'The headers that the page wants to send.', text),
	purpose: header('sec-purpose', 'With `prefetch`, the request is refused.', text),
} as const satisfies Readonly<Record<string, Parameter>>;

export type ParameterName = keyof typeof known;

/** The parameters of the document. */
export const parameters: Readonly<Record<ParameterName, Parameter>> = known;

function path(name: string, description: string, schema: object): Parameter {
	return { name, in: 'path', required: true, description, schema };
}

function query(name: string, description: string, schema: object): Parameter {
	return { name, in: 'query', description, schema };
}

function header(name: string, description: string, schema: object): Parameter {
	return { name, in: 'header', description, schema };
}

function cookie(name: string, description: string, more: Pick<Parameter, 'schema' | 'deprecated'>): Parameter {
	return { name, in: 'cookie', description, ...more };
}

/** The form of a parameter of a login, as the route checks it. */
function patternOf(name: keyof typeof loginParameters): object {
	return { type: 'string', pattern: loginParameters[name].pattern.source };
}
