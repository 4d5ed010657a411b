import { type Outcome, problem } from '../outcome.ts';
import type { ProblemCode } from '../problem.ts';
import type { IssuerProblem } from './issuer-answers.ts';

const codes: Readonly<Record<IssuerProblem['kind'], ProblemCode>> = {
	refused: 'login_refused',
	'code-refused': 'login_state_invalid',
	unavailable: 'issuer_unavailable',
	'wrong-answer': 'issuer_answer_invalid',
};

/** The answer if the issuer logs nobody in. Only a refusal says more: its code is one of a list. */
export function issuerOutcome({ kind, reason }: IssuerProblem, issuer: string): Outcome {
	const outcome = problem(codes[kind], kind === 'refused' ? { detail: reason } : {});
	return { ...outcome, fields: { issuer, reason } };
}
