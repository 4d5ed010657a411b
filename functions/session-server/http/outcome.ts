import type { Session } from '../../session/session.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { NoSession } from '../finding/result.ts';
import type { ApiResponse } from './exchange.ts';
import { type ProblemCode, type ProblemDetail, problemResponse } from './problem.ts';
import type { TokenRefused } from './session-token.ts';

/** The answer of an operation, and the fields of its line in the log. */
export interface Outcome {
	readonly response: ApiResponse;
	readonly evidence?: Evidence | undefined;
	/** A new copy for the client to carry. It is not logged. */
	readonly carried?: string | undefined;
	/** The session of a request that was let in. Its cookie may be renewed. It is not logged. */
	readonly live?: Session | undefined;
	/** The code of the problem, if the answer is one that the client caused or a service. */
	readonly refused?: ProblemCode;
	/** Fields for the log, such as the session's handle. Never a token or an attribute. */
	readonly fields?: Readonly<Record<string, unknown>>;
}

export function problem(code: ProblemCode, detail?: ProblemDetail): Outcome {
	const reason = detail?.detail ?? detail?.field;
	return {
		response: problemResponse(code, detail),
		refused: code,
		...(reason === undefined ? {} : { fields: { reason } }),
	};
}

/** The answer to a request that has no token which it may use. */
export function tokenRefused({ code, expected }: TokenRefused): Outcome {
	return problem(code, expected === undefined ? {} : { expected });
}

/**
 * The answer to a malformed request.
 *
 * @param field the field of the body, the parameter or the header that is wrong
 * @param expected a description of a valid value
 */
export function malformed(field: string, expected: string): Outcome {
	return problem('request_malformed', { field, expected });
}

export function refusal(refused: NoSession): Outcome {
	if (refused.kind === 'unavailable') return unavailable(refused.reason);
	if (refused.kind === 'limited') return limited(refused.waitMs);
	return { response: problemResponse(refused.code), evidence: refused.evidence, refused: refused.code };
}

/** @param waitMs when the client may try again */
export function limited(waitMs: number): Outcome {
	const retryAfter = { 'retry-after': String(Math.ceil(waitMs / 1_000)) };
	return { response: problemResponse('too_many_requests', {}, retryAfter), refused: 'too_many_requests' };
}

export function unavailable(reason: string): Outcome {
	return { response: problemResponse('unavailable'), fields: { unavailable: reason } };
}
