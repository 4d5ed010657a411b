import { measureDecision } from '../measure.ts';
import type { Decision } from '../operations/authorize.ts';
import type { ApiContext } from './context.ts';
import { type Outcome, problem, refusal } from './outcome.ts';
import type { PresentedToken } from './session-token.ts';

/** Whether a token may be used for a service: the session if so, else what to answer. An unknown service is one for everyone. */
export async function decideFor(
	{ server, metrics }: Pick<ApiContext, 'server' | 'metrics'>,
	token: PresentedToken | undefined,
	service: string,
): Promise<Extract<Decision, { kind: 'allowed' }> | Outcome> {
	const decision = await server.authorize(server.arrive(), token?.text ?? '', service);
	measureDecision(metrics, decision);
	const fields = { service };
	if (decision.kind === 'unknown-service') return problem('service_unknown');
	if (token === undefined) return problem('session_missing');
	if (decision.kind === 'allowed') return decision;
	const refused = refusal(decision);
	return { ...refused, fields: { ...refused.fields, ...fields } };
}
