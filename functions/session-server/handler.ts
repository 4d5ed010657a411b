import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { sendRequest } from '../system/http-client.ts';
import { createTokenBuckets } from '../system/token-bucket.ts';
import { composeInstance } from './compose.ts';
import { parseSessionServerEnvironment } from './deployment/environment.ts';
import { fillPlaces } from './deployment/places.ts';
import { parseIssuers } from './deployment/trusted-issuers.ts';
import { type Api, createApi } from './http/api.ts';
import { decodeEvent, encodeResponse } from './http/exchange.ts';
import { createIdTokenVerifier } from './identity/id-token.ts';
import { createCopiesSample } from './memory/copies.ts';
import { rateOf } from './rates.ts';
import { createSessionServer } from './session-server.ts';
import { readJsonBeside } from './settings-file.ts';

/*
 * The session server as a Lambda function behind an HTTP API (payload 2.0). Each execution
 * environment is one instance.
 */

const metrics = createFunctionMetrics(process.env);
const { api, sampleCopies } = await createApiFromEnvironment();

export async function handler(
	event: APIGatewayProxyEventV2,
	context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
	const response = await api(
		{ ...decodeEvent(event), leftMs: () => context.getRemainingTimeInMillis() },
		context.awsRequestId,
	);
	metrics.flush(sampleCopies);
	return encodeResponse(response);
}

async function createApiFromEnvironment(): Promise<{ api: Api; sampleCopies: () => void }> {
	const settings = parseSessionServerEnvironment(process.env);
	const { timeouts, clientAttributes, quota, evidenceHeader, endingMaxAuthenticationAgeSeconds } = settings;
	const issuers =
		'former' in settings.issuers
			? settings.issuers.former
			: fillPlaces(readJsonBeside('issuers.json'), settings.issuers.values);
	const context = { ...(await composeInstance(settings)), timeouts, quota, endingMaxAuthenticationAgeSeconds };
	const server = createSessionServer(context);
	const api = createApi({
		server,
		verifyIdToken: createIdTokenVerifier(parseIssuers(issuers), { ...context, sendRequest }),
		failedLogins: createTokenBuckets(rateOf(settings.failedLoginsPerSecond)),
		sendRequest,
		settings: { ...context, clientAttributes },
		metrics,
		evidenceHeader,
	});
	return { api, sampleCopies: createCopiesSample(metrics, server.copies) };
}
