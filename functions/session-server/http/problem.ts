import type { ApiResponse } from './exchange.ts';
import { jsonResponse } from './exchange.ts';

/** Every problem the API answers with, by its stable code. */
export const problems = {
	request_malformed: { status: 400, title: 'The request is malformed.' },
	session_missing: { status: 401, title: 'The request has no session token.' },
	session_malformed: { status: 401, title: 'The session token is not one of ours.' },
	session_unknown: { status: 401, title: 'There is no such session.' },
	session_revoked: { status: 401, title: 'The session was ended.' },
	session_expired_idle: { status: 401, title: 'The session was not used for too long.' },
	session_expired_absolute: { status: 401, title: 'The session has reached its age limit.' },
	id_token_missing: { status: 401, title: 'Logging in takes an ID token.' },
	id_token_refused: { status: 401, title: 'The ID token was refused.' },
	service_forbidden: { status: 403, title: 'The session does not have the scopes that the service asks for.' },
	step_up_required: { status: 403, title: 'The service asks for a higher assurance level.' },
	reauthentication_required: { status: 403, title: 'The service asks for a more recent authentication.' },
	cross_origin_refused: { status: 403, title: 'A cookie authorises a change only from a page of the same origin.' },
	route_unknown: { status: 404, title: 'There is no such route.' },
	handle_unknown: { status: 404, title: 'The subject has no such session.' },
	service_unknown: { status: 404, title: 'There is no such service.' },
	method_not_allowed: { status: 405, title: 'The route does not have this method.' },
	version_conflict: { status: 409, title: 'The session has changed since that version.' },
	quota_exceeded: { status: 409, title: 'The subject has as many sessions as it may have.' },
	body_too_large: { status: 413, title: 'The body is too large.' },
	session_too_large: { status: 413, title: 'The session would hold too much.' },
	service_unreachable: { status: 502, title: 'The service did not answer, or not in a form that can be passed on.' },
	service_timeout: { status: 504, title: 'The service took too long.' },
	internal: { status: 500, title: 'Something is wrong on our side.' },
	unavailable: { status: 503, title: 'This cannot be done at the moment.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** Extension members of a problem: what was wrong, and what was expected. Never what the client sent. */
export interface ProblemDetail {
	readonly detail?: string;
	readonly field?: string;
	readonly expected?: string;
}

/** Seconds after which another try is worth it: most outages of one service are over sooner than a client gives up. */
const retryAfterSeconds = '1';

/** RFC 9457 problem details, with the code as an extension member. */
export function problemResponse(
	code: ProblemCode,
	detail: ProblemDetail = {},
	headers: Readonly<Record<string, string>> = {},
): ApiResponse {
	const { status, title } = problems[code];
	return jsonResponse(
		status,
		{ type: `urn:leasehold:problem:${code}`, title, status, code, ...detail },
		{
			'content-type': 'application/problem+json',
			...(status === 401 ? { 'www-authenticate': 'Bearer realm="leasehold"' } : {}),
			...(status === 503 ? { 'retry-after': retryAfterSeconds } : {}),
			...headers,
		},
	);
}

/** 405, with the methods that there are (RFC 9110 section 15.5.6). */
export function methodNotAllowed(methods: Iterable<string>): ApiResponse {
	const allow = [...methods].join(', ');
	return problemResponse('method_not_allowed', { expected: allow }, { allow });
}
