import { readFileSync } from 'node:fs';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { createDynamoDbFeed } from '../leases/dynamodb-feed.ts';
import { createDynamoDbLeaseTable } from '../leases/dynamodb-lease-table.ts';
import { parseServiceCatalog } from '../session/service-catalog.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createLambdaClient } from '../system/aws/lambda-client.ts';
import { systemClock } from '../system/clock.ts';
import { consoleLog } from '../system/log.ts';
import { systemRandomBytes } from '../system/random.ts';
import { parseSessionServerEnvironment } from './environment.ts';
import { type Api, createApi } from './http/api.ts';
import { decodeEvent, encodeResponse } from './http/lambda-event.ts';
import { createIdTokenVerifier } from './id-token.ts';
import { createLambdaBus } from './lambda-bus.ts';
import { createSessionServer } from './session-server.ts';

/** The session server as a Lambda function behind an HTTP API (payload 2.0). One instance for each environment. */
const api = createApiFromEnvironment();

export async function handler(
	event: APIGatewayProxyEventV2,
	context: Context,
): Promise<APIGatewayProxyStructuredResultV2> {
	return encodeResponse(await api(decodeEvent(event), context.awsRequestId));
}

function createApiFromEnvironment(): Api {
	const settings = parseSessionServerEnvironment(process.env);
	const { timing, controlTable, busFunction, issuers } = settings;
	const dynamoDb = createDynamoDbClient();
	const context = {
		...settings,
		leases: createDynamoDbLeaseTable(dynamoDb, controlTable),
		feed: createDynamoDbFeed(dynamoDb, controlTable, timing.feedRetentionMs),
		askBus: createLambdaBus(createLambdaClient(), busFunction, consoleLog),
		clock: systemClock,
		randomBytes: systemRandomBytes,
		log: consoleLog,
		catalog: parseServiceCatalog(JSON.parse(readFileSync(new URL('./services.json', import.meta.url), 'utf8'))),
	};
	return createApi({
		server: createSessionServer(context),
		verifyIdToken: createIdTokenVerifier(issuers, systemClock, timing.skewMs),
		settings: context,
		evidenceHeader: settings.evidenceHeader,
	});
}
