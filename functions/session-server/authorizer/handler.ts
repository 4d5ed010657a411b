import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { servicesByRoute } from '../../access/service-catalog.ts';
import { withLiveConnections } from '../../system/aws/connections.ts';
import { createFunctionMetrics } from '../../system/function-metrics.ts';
import { composeInstance } from '../compose.ts';
import { parseAuthorizerEnvironment } from '../deployment/environment.ts';
import { decodeAuthorizerEvent } from '../http/exchange.ts';
import { createCopiesSample } from '../memory/copies.ts';
import { createWantsLine, evidenceOf, measureDecision, measureEvidence } from '../operations/authorize.ts';
import { createDecidingServer } from '../session-server.ts';
import { type Authorized, type AuthorizerResult, authorizeRoute } from './authorize-route.ts';

/*
 * The session server as a Lambda authorizer of HTTP APIs: payload 2.0, simple responses, no
 * identity source and no cache.
 */

const settings = parseAuthorizerEnvironment(process.env);
const metrics = createFunctionMetrics(process.env);
const context = await composeInstance(settings, metrics);
const server = createDecidingServer(context);
const wantsLine = createWantsLine(settings.warmLinesPerSecond, context.clock);
const sampleCopies = createCopiesSample(metrics, server.copies);
const services = servicesByRoute(context.catalog);
if (settings.service !== undefined && !context.catalog.has(settings.service))
	throw new Error(`LEASEHOLD_AUTHORIZER_SERVICE: the catalog has no service ${settings.service}`);

/**
 * Decides about one request.
 *
 * @throws if the session cannot be looked up. API Gateway then answers 500; a denial would be a
 * 403, which says something about the session (I8).
 */
export const handler = withLiveConnections(decide);

async function decide(event: APIGatewayRequestAuthorizerEventV2): Promise<AuthorizerResult> {
	const service = services.get(event.routeKey) ?? settings.service;
	const authorized = await authorizeRoute(server, service, decodeAuthorizerEvent(event), settings.browsers);
	const { decision } = authorized;
	if (decision?.kind !== 'allowed' || wantsLine(decision.evidence))
		context.log('info', 'request', {
			requestId: event.requestContext.requestId,
			operation: 'authorizer',
			route: event.routeKey,
			service,
			...fieldsOf(authorized),
		});
	measure(authorized);
	if (authorized.kind === 'unavailable') throw new Error('the session cannot be looked up at the moment');
	return authorized.result;
}

function measure(authorized: Authorized): void {
	const { decision } = authorized;
	if (decision !== undefined) {
		measureDecision(metrics, decision);
		const evidence = evidenceOf(decision);
		if (evidence !== undefined) measureEvidence(metrics, evidence);
	}
	const code = authorized.kind === 'decided' ? authorized.result.context['code'] : undefined;
	if (code !== undefined) metrics.add('Refusals', { code: String(code) });
	metrics.flush(sampleCopies);
}

/** The fields that the API also logs: the session's handle, but not its subject. */
function fieldsOf(authorized: Authorized): Readonly<Record<string, unknown>> {
	if (authorized.kind === 'unavailable') return { unavailable: authorized.reason };
	const { decision, result } = authorized;
	const evidence = decision === undefined ? undefined : evidenceOf(decision);
	return { session: evidence?.session, refused: result.context['code'], evidence };
}
