import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { withLiveConnections } from '../system/aws/connections.ts';
import { reportFailedCalls } from '../system/aws/report-failed-calls.ts';
import { createSecretsManagerClient } from '../system/aws/secrets-manager-client.ts';
import { countFailedRequests } from '../system/failed-calls.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { sendRequest } from '../system/http-client.ts';
import { createTokenBuckets } from '../system/token-bucket.ts';
import { composeInstance } from './compose.ts';
import type { InstanceContext } from './context.ts';
import { parseSessionServerEnvironment, type SessionServerEnvironment } from './deployment/environment.ts';
import { fillPlaces } from './deployment/places.ts';
import { parseIssuers } from './deployment/trusted-issuers.ts';
import { createDistributionSecret, type DistributionSecret } from './distribution/secret.ts';
import { createSecretsManagerSecrets } from './distribution/secrets-manager-secret.ts';
import { type Api, createApi } from './http/api.ts';
import { createLoginIssuers } from './http/browser/browser-logins.ts';
import { decodeEvent, encodeResponse } from './http/exchange.ts';
import { createIdTokenVerifier } from './identity/id-token.ts';
import { createSecretsManagerReader } from './identity/secrets-manager-client-secret.ts';
import { createCopiesSample } from './memory/copies.ts';
import { createWantsLine } from './operations/authorize.ts';
import { rateOf } from './rates.ts';
import { createSessionServer } from './session-server.ts';
import { readJsonBeside, readTextBeside } from './settings-file.ts';

/*
 * The session server as a Lambda function behind an HTTP API (payload 2.0). Each execution
 * environment is one instance.
 *
 * Its log lines have the request id of API Gateway, which the access log also has, and the client
 * as `apigw-requestid`.
 */

const metrics = createFunctionMetrics(process.env);
const { api, sampleCopies } = await createApiFromEnvironment();

export const handler = withLiveConnections(answer);

async function answer(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2> {
	const response = await api(
		{ ...decodeEvent(event), leftMs: () => context.getRemainingTimeInMillis() },
		event.requestContext.requestId,
	);
	metrics.flush(sampleCopies);
	return encodeResponse(response);
}

async function createApiFromEnvironment(): Promise<{ api: Api; sampleCopies: () => void }> {
	const settings = parseSessionServerEnvironment(process.env);
	const { timeouts, timeoutOptions, clientAttributes, quota, evidenceHeader, endingMaxAuthenticationAgeSeconds } =
		settings;
	const issuers = parseIssuers(
		'former' in settings.issuers
			? settings.issuers.former
			: fillPlaces(readJsonBeside('issuers.json'), settings.issuers.values),
		{ limits: timeouts, own: timeoutOptions },
	);
	const { report, ...instance } = await composeInstance(settings, metrics);
	const context = { ...instance, timeouts, quota, endingMaxAuthenticationAgeSeconds };
	const createSecretsClient = () => reportFailedCalls(createSecretsManagerClient(), report);
	const sendToIssuer = countFailedRequests(sendRequest, metrics);
	const server = createSessionServer(context);
	const rate = rateOf(settings.failedLoginsPerSecond);
	const readSecret = createSecretsManagerReader(createSecretsClient);
	const api = createApi({
		server,
		verifyIdToken: createIdTokenVerifier(issuers, { ...context, sendRequest: sendToIssuer }),
		failedLogins: createTokenBuckets(rate),
		browser: {
			...context,
			publicUrl: settings.publicUrl,
			issuers: createLoginIssuers(issuers, { ...context, sendRequest: sendToIssuer, readSecret }),
			starts: createTokenBuckets(rate),
		},
		sendRequest,
		settings: { ...context, ...settings.browsers, clientAttributes },
		distributionSecret: distributionSecretOf(settings, context, createSecretsClient),
		metrics,
		wantsLine: createWantsLine(settings.warmLinesPerSecond, context.clock),
		readContract: () => readTextBeside('openapi.json'),
		evidenceHeader,
	});
	return { api, sampleCopies: createCopiesSample(metrics, server.copies) };
}

function distributionSecretOf(
	{ distributionSecretId }: SessionServerEnvironment,
	{ clock, log }: InstanceContext,
	createSecretsClient: typeof createSecretsManagerClient,
): DistributionSecret | undefined {
	if (distributionSecretId === undefined) return undefined;
	const readSecrets = createSecretsManagerSecrets(createSecretsClient(), distributionSecretId);
	return createDistributionSecret(readSecrets, clock, log);
}
