import { describe, expect, test } from 'vitest';
import { type ProblemCode, problemResponse } from '../../../../functions/session-server/http/problem.ts';

/** The status that the API promises for each code. */
const promised: Record<ProblemCode, number> = {
	request_malformed: 400,
	login_state_invalid: 400,
	return_to_refused: 400,
	session_missing: 401,
	session_malformed: 401,
	session_unknown: 401,
	session_revoked: 401,
	session_expired_idle: 401,
	session_expired_absolute: 401,
	id_token_missing: 401,
	id_token_refused: 401,
	service_forbidden: 403,
	step_up_required: 403,
	login_refused: 403,
	reauthentication_required: 403,
	cross_origin_refused: 403,
	origin_refused: 403,
	prefetch_refused: 403,
	distribution_required: 403,
	issuer_unknown: 404,
	route_unknown: 404,
	handle_unknown: 404,
	service_unknown: 404,
	method_not_allowed: 405,
	version_conflict: 409,
	quota_exceeded: 409,
	body_too_large: 413,
	session_too_large: 413,
	internal: 500,
	too_many_requests: 429,
	issuer_answer_invalid: 502,
	service_unreachable: 502,
	service_timeout: 504,
	issuer_unavailable: 503,
	unavailable: 503,
};

describe('a problem', () => {
	test.each(Object.entries(promised) as [ProblemCode, number][])(
		'with the code %s has status %i and its code in the body',
		(code, status) => {
			const response = problemResponse(code);
			expect(response.status).toBe(status);
			expect(JSON.parse(response.body ?? '')).toEqual({
				type: `urn:leasehold:problem:${code}`,
				title: expect.stringMatching(/^[A-Z].*\.$/),
				status,
				code,
			});
			expect(response.headers).toMatchObject({
				'content-type': 'application/problem+json',
				'cache-control': 'no-store',
			});
		},
	);

	test('asks the client to authenticate if and only if it is a 401', () => {
		for (const [code, status] of Object.entries(promised) as [ProblemCode, number][])
			expect(problemResponse(code).headers['www-authenticate'] !== undefined).toBe(status === 401);
	});

	test('says when to try again if and only if it is a 503', () => {
		for (const [code, status] of Object.entries(promised) as [ProblemCode, number][])
			expect(problemResponse(code).headers['retry-after'] !== undefined).toBe(status === 503);
		expect(problemResponse('unavailable').headers['retry-after']).toMatch(/^[1-9]\d*$/);
	});

	test('has the details and headers of its caller', () => {
		const response = problemResponse(
			'method_not_allowed',
			{ field: 'f', expected: 'GET', detail: 'd' },
			{ allow: 'GET' },
		);
		expect(JSON.parse(response.body ?? '')).toMatchObject({ field: 'f', expected: 'GET', detail: 'd' });
		expect(response.headers['allow']).toBe('GET');
	});
});
