import type { Evidence } from '../finding/evidence.ts';
import type { NotFound } from '../finding/result.ts';
import type { ApiResponse } from './exchange.ts';
import { type ProblemCode, type ProblemDetail, problemResponse } from './problem.ts';

/** What an operation answers, with what the log is to say of it. */
export interface Outcome {
	readonly response: ApiResponse;
	readonly evidence?: Evidence | undefined;
	/** The session's handle and whatever else makes the line useful; no token, no attribute. */
	readonly fields?: Readonly<Record<string, unknown>>;
}

export function problem(code: ProblemCode, detail?: ProblemDetail): Outcome {
	return { response: problemResponse(code, detail), fields: { refused: code } };
}

/** The client's mistake, by the field that it is in. */
export function malformed(field: string, expected: string): Outcome {
	return problem('request_malformed', { field, expected });
}

export function refusal(refused: NotFound): Outcome {
	if (refused.kind === 'unavailable') return unavailable(refused.reason);
	return { response: problemResponse(refused.code), evidence: refused.evidence, fields: { refused: refused.code } };
}

export function unavailable(reason: string): Outcome {
	return { response: problemResponse('unavailable'), fields: { unavailable: reason } };
}
