import { answerMarginMs, serviceMs } from '../../../system/time-budget.ts';
import { anyMethods } from '../../deployment/routes.ts';
import { decideAbout } from '../authorize.ts';
import type { ApiContext } from '../context.ts';
import type { ApiRequest, ApiResponse } from '../exchange.ts';
import { malformed, type Outcome, problem } from '../outcome.ts';
import { methodNotAllowed } from '../problem.ts';
import { forwardedHeaders, forwardedUrl } from './request.ts';
import { forwardedResponse } from './response.ts';

/**
 * The largest body of a forwarded request and of its answer, in bytes. Lambda's payloads have at
 * most 6 MB. Base64 leaves three quarters of that for the body and the headers.
 */
const forwardedBytesMax = 4 * 1024 * 1024;

const methods: ReadonlySet<string> = new Set(anyMethods);

/**
 * Forwards a request to its service if the session may use it, with the identity in place of the
 * token.
 */
export async function forward(context: ApiContext, request: ApiRequest): Promise<Outcome> {
	const [, , name = ''] = request.path.split('/');
	const base = context.settings.catalog.get(name)?.url;
	if (base === undefined) return problem('service_unknown');
	if (!methods.has(request.method)) return { response: methodNotAllowed(methods), refused: 'method_not_allowed' };
	const decided = await decideAbout(context, request, name);
	if (decided.kind === 'answered') return decided.outcome;
	const { cookie } = context.settings;
	const { session, evidence, carried } = decided;
	const fields = { service: name };
	const prefix = `/services/${name}`;
	const url = forwardedUrl(
		new URL(base),
		request.path.slice(prefix.length),
		request.rawQuery ?? request.query.toString(),
	);
	if (url === 'malformed') return malformed('path', 'no . or .. segments');
	const { method, body } = request;
	if (body.length > forwardedBytesMax)
		return problem('body_too_large', { expected: `at most ${forwardedBytesMax} bytes` });
	const headers = forwardedHeaders(request, prefix, session, cookie);
	const leftMs = (request.leftMs?.() ?? Number.POSITIVE_INFINITY) - answerMarginMs;
	const timeoutMs = Math.min(serviceMs, leftMs);
	const forwarded =
		timeoutMs > 0
			? forwardedResponse(
					await context.sendRequest({ url, method, headers, body, timeoutMs, bodyBytesMax: forwardedBytesMax }),
					cookie,
				)
			: ({ kind: 'failed', reason: 'timeout' } as const);
	if (forwarded.kind === 'failed') {
		context.metrics.add('ServiceFailures', { failure: forwarded.reason });
		const failure = problem(forwarded.reason === 'timeout' ? 'service_timeout' : 'service_unreachable');
		return { ...failure, evidence, fields: { ...fields, service_failed: forwarded.reason } };
	}
	const { response } = forwarded;
	return { response, evidence, fields, ...(isPrivate(response) && { carried, live: session }) };
}

/** A cache that several clients share could give the cookies to another one. */
function isPrivate({ headers }: ApiResponse): boolean {
	return /(^|,)\s*(no-store|private)\s*(,|$)/i.test(headers['cache-control'] ?? '');
}
