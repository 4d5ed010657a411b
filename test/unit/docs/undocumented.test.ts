import { describe, expect, test } from 'vitest';
import { jsonResponse } from '../../../functions/session-server/http/exchange.ts';
import { type ProblemCode, problemResponse } from '../../../functions/session-server/http/problem.ts';
import { type Answered, undocumented } from '../../support/api-contract/undocumented.ts';

const health: Answered = {
	method: 'GET',
	path: '/health',
	status: 200,
	headers: jsonResponse(200, {}).headers,
	body: '{"status":"ok","dependencies":{"controlTable":true,"bus":true,"repositories":{"s3":true}}}',
};

function problem(method: string, path: string, code: ProblemCode): Answered {
	const { status, headers, body = '' } = problemResponse(code);
	return { method, path, status, headers, body };
}

/** A change of an answer. */
const having = (answered: Answered, change: Partial<Answered>): Answered => ({ ...answered, ...change });
const withHeaders = (answered: Answered, headers: Answered['headers']) =>
	having(answered, { headers: { ...answered.headers, ...headers } });

describe('an answer is documented', () => {
	test.each<[string, Answered]>([
		['an answer to a route', health],
		['an answer without a body to HEAD', having(health, { method: 'HEAD', body: '' })],
		['a problem of a route', problem('GET', '/v1/session', 'session_revoked')],
		['a problem of any route', problem('GET', '/health', 'distribution_required')],
		['a path that does not exist', problem('GET', '/v2/session', 'route_unknown')],
		[
			'a method that a path does not have',
			withHeaders(problem('PUT', '/v1/session', 'method_not_allowed'), { allow: 'GET, PATCH, DELETE' }),
		],
		[
			'a preflight of a page that may not call the API',
			problem('OPTIONS', '/v1/sessions/AAAAAAAAAAAAAAAAAAAAAA', 'origin_refused'),
		],
		[
			'an answer of a service, which may be anything',
			{ method: 'GET', path: '/services/billing/a/b', status: 418, headers: { 'x-new': 'x' }, body: '<p>' },
		],
		[
			'API Gateway’s own answer',
			having(health, { status: 503, headers: { 'content-type': 'application/json' }, body: '{"message":"later"}' }),
		],
		['a method that API Gateway does not route', having(health, { method: 'TRACE', status: 299 })],
	])('if it is %s', (_, answered) => {
		expect(undocumented(answered)).toEqual([]);
	});
});

describe('an answer is found to be undocumented', () => {
	const body = JSON.parse(health.body);
	test.each<[string, Answered, RegExp]>([
		['a status', having(health, { status: 206 }), /^GET \/health answers 206$/],
		['a header', withHeaders(health, { 'x-new': '1' }), /the header x-new/],
		['a value of a header', withHeaders(health, { 'cache-control': 'public' }), /cache-control: it must be equal/],
		['a field', having(health, { body: JSON.stringify({ ...body, more: 1 }) }), /additional properties.*"more"/],
		['a value of a field', having(health, { body: JSON.stringify({ ...body, status: 'fine' }) }), /\/status must be/],
		['no field that it must have', having(health, { body: '{"status":"ok"}' }), /required property 'dependencies'/],
		['no body', having(health, { body: '' }), /no body/],
		['a content type', withHeaders(health, { 'content-type': 'text/html' }), /a body of the type "text\/html"/],
		['a code of other routes', problem('GET', '/v1/session', 'id_token_missing'), /\/code must be/],
		[
			'a code of other routes under a path of a service',
			problem('GET', '/services/billing/', 'id_token_missing'),
			/\/code must be/,
		],
		[
			'no header that it must have',
			withHeaders(problem('GET', '/v1/session', 'session_revoked'), { 'www-authenticate': undefined }),
			/no header www-authenticate/,
		],
		[
			'a cookie',
			withHeaders(problem('GET', '/v1/session', 'session_revoked'), {
				'set-cookie': ['track=1; Secure; HttpOnly; Path=/; SameSite=Lax'],
			}),
			/set-cookie: it must match pattern/,
		],
		[
			'a cookie that scripts can read',
			withHeaders(problem('GET', '/v1/session', 'session_revoked'), {
				'set-cookie': ['__Host-Http-session=; Secure; Path=/; SameSite=Lax; Max-Age=0'],
			}),
			/set-cookie: it must match pattern/,
		],
		['a body with 204', having(problem('GET', '/v1/authorize', 'internal'), { status: 204 }), /a body of the type/],
	])('if it has %s', (_, answered, fault) => {
		expect(undocumented(answered).join('\n')).toMatch(fault);
	});
});
