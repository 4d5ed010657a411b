import type { ApiContext } from '../context.ts';
import { emptyResponse } from '../exchange.ts';
import type { Outcome } from '../outcome.ts';

/** `GET /openapi.json`: the description of this API, as it was deployed. */
export async function serveContract({ readContract }: ApiContext): Promise<Outcome> {
	return { response: { ...emptyResponse(200, { 'content-type': 'application/json' }), body: readContract() } };
}
