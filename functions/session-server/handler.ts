import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createSecretsManagerClient } from '../system/aws/secrets-manager-client.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { sendRequest } from '../system/http-client.ts';
import { createTokenBuckets } from '../system/token-bucket.ts';
import { composeInstance } from './compose.ts';
import { parseSessionServerEnvironment } from './deployment/environment.ts';
import { type Api, createApi } from './http/api.ts';
import { createLoginIssuers } from './http/browser/browser-logins.ts';
import { decodeEvent, encodeResponse } from './http/exchange.ts';
import { createIdTokenVerifier } from './identity/id-token.ts';
import { createSecretsManagerReader } from './identity/secrets-manager-client-secret.ts';
import { createCopiesSample } from './memory/copies.ts';
import { rateOf } from './rates.ts';
import { createSessionServer } from './session-server.ts';

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
	const { timeouts, clientAttributes, quota, issuers, evidenceHeader, endingMaxAuthenticationAgeSeconds } = settings;
	const context = { ...(await composeInstance(settings)), timeouts, quota, endingMaxAuthenticationAgeSeconds };
	const server = createSessionServer(context);
	const rate = rateOf(settings.failedLoginsPerSecond);
	const readSecret = createSecretsManagerReader(createSecretsManagerClient);
	const api = createApi({
		server,
		verifyIdToken: createIdTokenVerifier(issuers, { ...context, sendRequest }),
		failedLogins: createTokenBuckets(rate),
		browser: {
			...context,
			...settings.browser,
			issuers: createLoginIssuers(issuers, { ...context, sendRequest, readSecret }),
			starts: createTokenBuckets(rate),
		},
		sendRequest,
		settings: { ...context, clientAttributes },
		metrics,
		evidenceHeader,
	});
	return { api, sampleCopies: createCopiesSample(metrics, server.copies) };
}
