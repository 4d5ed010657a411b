import { type ApiResponse, jsonResponse } from './exchange.ts';

/**
 * Every problem that the API answers with, by its stable code. A title says what happened and, if
 * it helps, what to do next. Codes and statuses are part of the API; titles may be reworded.
 */
export const problems = {
	request_malformed: { status: 400, title: 'The request is malformed. See `field` and `expected`.' },
	login_state_invalid: {
		status: 400,
		title:
			'The login was not begun in this browser, took longer than ten minutes, or was finished before. Allow cookies and log in again.',
	},
	return_to_refused: {
		status: 400,
		title: 'The address in return_to is not a path of this API or a URL of an allowed origin.',
	},
	session_missing: {
		status: 401,
		title: 'The request has no session token. Send one as a bearer token or in the session cookie.',
	},
	session_malformed: { status: 401, title: 'The session token is not valid. Log in again.' },
	session_unknown: { status: 401, title: 'The session does not exist. Log in again.' },
	session_revoked: { status: 401, title: 'The session has been ended. Log in again.' },
	session_expired_idle: {
		status: 401,
		title: 'The session expired because it was not used for too long. Log in again.',
	},
	session_expired_absolute: {
		status: 401,
		title: 'The session expired because it reached its maximum age. Log in again.',
	},
	id_token_missing: { status: 401, title: 'The request has no ID token. Send one as a bearer token to log in.' },
	id_token_refused: { status: 401, title: 'The ID token was refused. See `detail` for the reason.' },
	service_forbidden: { status: 403, title: 'The session does not have the scopes that this service requires.' },
	step_up_required: {
		status: 403,
		title: 'This service requires a higher assurance level. Log in again with a stronger method.',
	},
	login_refused: { status: 403, title: 'The issuer did not log the user in. Its reason follows.' },
	reauthentication_required: { status: 403, title: 'This requires a more recent login. Log in again.' },
	cross_origin_refused: {
		status: 403,
		title: 'A change by a cookie needs proof that a page of the same origin or of a configured one asked for it.',
	},
	origin_refused: {
		status: 403,
		title: 'Pages of this origin may not call the API. Add the origin to the setting `origins` if they should.',
	},
	prefetch_refused: {
		status: 403,
		title: 'A login begins only when the browser navigates to this address, and not when it prefetches it.',
	},
	distribution_required: {
		status: 403,
		title: 'The API answers only requests that came through its CloudFront distribution. Use its address.',
	},
	issuer_unknown: {
		status: 404,
		title: 'No issuer that browsers can log in at has this name. With several issuers, name one.',
	},
	route_unknown: { status: 404, title: 'No route has this path.' },
	handle_unknown: { status: 404, title: 'The subject has no session with this handle.' },
	service_unknown: { status: 404, title: 'No service has this name.' },
	method_not_allowed: {
		status: 405,
		title: 'The route does not support this method. See `expected` for those that it supports.',
	},
	version_conflict: {
		status: 409,
		title: 'The session has changed since the version in If-Match. Read it and try again.',
	},
	quota_exceeded: { status: 409, title: 'The subject has reached its limit of sessions. End one and log in again.' },
	body_too_large: { status: 413, title: 'The body of the request is too large. See `expected` for the limit.' },
	session_too_large: {
		status: 413,
		title: 'The change would make the session too large. See `expected` for the limit.',
	},
	too_many_requests: {
		status: 429,
		title: 'The client sends too many requests. Try again after the time in Retry-After.',
	},
	issuer_answer_invalid: {
		status: 502,
		title: 'The answer of the issuer cannot be used. Log in again. If that does not help, tell the operator.',
	},
	service_unreachable: {
		status: 502,
		title: 'The service could not be reached, or its answer could not be forwarded.',
	},
	service_timeout: { status: 504, title: 'The service did not answer in time.' },
	internal: { status: 500, title: 'The server failed to process the request.' },
	issuer_unavailable: {
		status: 503,
		title: 'The issuer does not answer at the moment. Try again after the time in Retry-After.',
	},
	unavailable: {
		status: 503,
		title: 'The request cannot be processed at the moment. Try again after the time in Retry-After.',
	},
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** Extension members of a problem. They never repeat what the client sent. */
export interface ProblemDetail {
	/** Why an ID token was refused. */
	readonly detail?: string;
	/** The part of the request that is wrong: a field of the body, a parameter or a header. */
	readonly field?: string;
	/** The valid values, the limit, the supported methods or the current version. */
	readonly expected?: string;
}

/**
 * Seconds after which a client should try again. Most outages of one service are over in a few
 * seconds, before a client gives up.
 */
const retryAfterSeconds = '1';

/** Problem details (RFC 9457), with the code as an extension member. */
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

/** 405, with the supported methods (RFC 9110 section 15.5.6). */
export function methodNotAllowed(methods: Iterable<string>): ApiResponse {
	const allow = [...methods].join(', ');
	return problemResponse('method_not_allowed', { expected: allow }, { allow });
}
