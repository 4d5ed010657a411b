import type { Decision } from '../authorize.ts';
import type { Evidence } from '../evidence.ts';
import type { ApiResponse } from './exchange.ts';
import { type ProblemCode, type ProblemDetail, problemResponse } from './problem.ts';

/** What an operation answers, with what the log is to say of it. */
export interface Outcome {
	readonly response: ApiResponse;
	readonly evidence?: Evidence | undefined;
	/** The session's handle and whatever else makes the line useful; no token, no attribute. */
	readonly fields?: Readonly<Record<string, unknown>>;
}

export function refusal(refused: Exclude<Decision, { kind: 'allowed' | 'unknown-service' }>): Outcome {
	if (refused.kind === 'unavailable') return unavailable(refused.reason);
	return { response: problemResponse(refused.code), evidence: refused.evidence, fields: { refused: refused.code } };
}

export function unavailable(reason: string): Outcome {
	return { response: problemResponse('unavailable'), fields: { unavailable: reason } };
}

export function problem(code: ProblemCode, detail?: ProblemDetail): Outcome {
	return { response: problemResponse(code, detail), fields: { refused: code } };
}
