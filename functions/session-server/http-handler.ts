import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { sendRequest } from '../system/http-client.ts';
import { composeSessionServer } from './compose.ts';
import { parseSessionServerEnvironment } from './environment.ts';
import { type Api, createApi } from './http/api.ts';
import { decodeEvent, encodeResponse } from './http/lambda-event.ts';
import { createIdTokenVerifier } from './id-token.ts';
import { createSessionServer } from './session-server.ts';

/** The session server as a Lambda function behind an HTTP API (payload 2.0). One instance for each environment. */
const api = await createApiFromEnvironment();

export async function handler(
	event: APIGatewayProxyEventV2,
	context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
	return encodeResponse(await api(decodeEvent(event), context.awsRequestId));
}

async function createApiFromEnvironment(): Promise<Api> {
	const settings = parseSessionServerEnvironment(process.env);
	const { timeouts, clientAttributes, issuers, evidenceHeader } = settings;
	const context = { ...(await composeSessionServer(settings)), timeouts, clientAttributes };
	return createApi({
		server: createSessionServer(context),
		verifyIdToken: createIdTokenVerifier(issuers, context.clock, context.timing.skewMs),
		sendRequest,
		settings: context,
		evidenceHeader,
	});
}
