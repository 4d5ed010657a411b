import {
	AuthorizationResponseError,
	ClientError,
	type CustomFetch,
	ResponseBodyError,
	WWWAuthenticateChallengeError,
} from 'openid-client';
import type { SendRequest } from '../../../system/http-client.ts';
import { issuerExchangeMs } from '../../../system/time-budget.ts';

/** Why a login at an issuer did not happen. Reasons are for the log. */
export type IssuerProblem =
	/** The issuer or the user refused. `reason` is one of the codes below. */
	| { readonly kind: 'refused'; readonly reason: string }
	/** The code is used or expired. */
	| { readonly kind: 'code-refused'; readonly reason: string }
	/** The issuer cannot be reached, or says that it cannot answer now. */
	| { readonly kind: 'unavailable'; readonly reason: string }
	/** The answer breaks the specifications, or says that this client is set up wrongly. */
	| { readonly kind: 'wrong-answer'; readonly reason: string };

/** Metadata and answers with tokens have some kilobytes. */
const answerBytesMax = 256 * 1024;

class Unreachable extends Error {}

/** `fetch` as `openid-client` calls it, by our port. */
export function fetchFromIssuer(sendRequest: SendRequest): CustomFetch {
	return async (url, { method, headers, body }) => {
		const answer = await sendRequest({
			url: new URL(url),
			method,
			headers,
			body: Buffer.from(body === undefined || body === null ? '' : String(body)),
			timeoutMs: issuerExchangeMs,
			bodyBytesMax: answerBytesMax,
		});
		if (answer.kind === 'failed') throw new Unreachable(answer.code ?? answer.reason);
		const { status } = answer;
		const hasBody = status !== 204 && status !== 205 && status !== 304;
		return new Response(hasBody ? Buffer.from(answer.body) : null, {
			status,
			headers: answer.headers.map(([name, value]) => [name, value]),
		});
	};
}

/**
 * Refusals of the user or by the issuer's rules (RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0,
 * section 3.1.2.6, and OpenID Connect Core Error Code unmet_authentication_requirements).
 */
const refusals: ReadonlySet<string> = new Set([
	'access_denied',
	'account_selection_required',
	'consent_required',
	'interaction_required',
	'login_required',
	'unmet_authentication_requirements',
]);

const outages: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable', 'slow_down']);

/** @throws `error` if it is not about an answer of the issuer */
export function problemOf(error: unknown): IssuerProblem {
	if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) return problemByCode(error);
	if (error instanceof WWWAuthenticateChallengeError) return { kind: 'wrong-answer', reason: 'challenge' };
	if (!(error instanceof ClientError || isOfLibrary(error))) throw error;
	const { cause } = error;
	if (cause instanceof Unreachable) return { kind: 'unavailable', reason: cause.message };
	if (cause instanceof Response) {
		const isOutage = cause.status >= 500 || cause.status === 429;
		return { kind: isOutage ? 'unavailable' : 'wrong-answer', reason: `status ${cause.status}` };
	}
	// The message of the library's own error says most. It has names of parameters, but no values.
	return { kind: 'wrong-answer', reason: cause instanceof Error ? cause.message : error.message };
}

/**
 * The library wraps its errors in a `ClientError`, but not those about the addresses of endpoints.
 * It does not export their class.
 */
function isOfLibrary(error: unknown): error is Error {
	return error instanceof Error && 'code' in error && String(error.code).startsWith('OAUTH_');
}

function problemByCode(error: AuthorizationResponseError | ResponseBodyError): IssuerProblem {
	// The browser brings the code of the first, so it may have any text.
	const reason = /^[a-z_]{1,64}$/.test(error.error) ? error.error : 'an unknown error';
	if (error instanceof AuthorizationResponseError && refusals.has(reason)) return { kind: 'refused', reason };
	if (outages.has(reason) || (error instanceof ResponseBodyError && error.status >= 500))
		return { kind: 'unavailable', reason };
	if (error instanceof ResponseBodyError && reason === 'invalid_grant') return { kind: 'code-refused', reason };
	return { kind: 'wrong-answer', reason };
}

/** Whether the issuer refused the client's own credentials (RFC 6749 section 5.2). */
export function isClientRefused(error: unknown): boolean {
	if (error instanceof WWWAuthenticateChallengeError) return error.status === 401;
	return error instanceof ResponseBodyError && error.error === 'invalid_client';
}
