import { type Answer, json, oauthError } from './answer.ts';
import { readAuthorizationRequest } from './authorization-request.ts';
import { authenticate } from './clients.ts';
import type { IssuerContext, IssuerRequest } from './context.ts';

export const requestUriPrefix = 'urn:ietf:params:oauth:request_uri:';

/** Long enough to log in by hand. */
export const pushedRequestMs = 600_000;

/**
 * `POST /par`: keeps the parameters of an authorization request, and answers with a name for them.
 */
export function pushRequest({ clients, pushed }: IssuerContext, { form, headers }: IssuerRequest): Answer {
	const authenticated = authenticate(clients, headers.authorization, form);
	if (authenticated.kind === 'refused') return oauthError(401, 'invalid_client', authenticated.reason);
	const parameters = new URLSearchParams(form);
	parameters.delete('client_secret');
	parameters.set('client_id', authenticated.client.id);
	if (parameters.has('request_uri')) return oauthError(400, 'invalid_request', 'request_uri cannot be pushed');
	const read = readAuthorizationRequest(parameters, clients);
	if (read.kind === 'no-return') return oauthError(400, 'invalid_request', read.problem);
	if (read.kind === 'error') return oauthError(400, read.error, read.description);
	return json(201, { request_uri: requestUriPrefix + pushed.add(parameters), expires_in: pushedRequestMs / 1_000 });
}
