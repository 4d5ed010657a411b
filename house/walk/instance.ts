import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { parseKeyring } from '../../functions/access/keyring.ts';
import { parseServiceCatalog } from '../../functions/access/service-catalog.ts';
import { createDynamoDbFeed } from '../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../functions/control-table/dynamodb/lease-table.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { parseBrowserSettings } from '../../functions/session-server/deployment/browser-settings.ts';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { createApi } from '../../functions/session-server/http/api.ts';
import { decodeEvent, encodeResponse } from '../../functions/session-server/http/exchange.ts';
import { createTokenKeys } from '../../functions/session-server/identity/token-keys.ts';
import { createLambdaBus } from '../../functions/session-server/lambda-bus.ts';
import { failedLoginsPerSecondDefault, rateOf } from '../../functions/session-server/rates.ts';
import { createSessionServer } from '../../functions/session-server/session-server.ts';
import type { Clock } from '../../functions/system/clock.ts';
import { consoleLog } from '../../functions/system/log.ts';
import { createMetrics } from '../../functions/system/metrics.ts';
import { systemRandomBytes } from '../../functions/system/random.ts';
import { createTokenBuckets } from '../../functions/system/token-bucket.ts';
import { tables } from './services.ts';

/** Sends a request with a bearer token to one session server. A login's token is its subject. */
export type Instance = (
	method: string,
	url: string,
	bearer: string,
) => Promise<{ readonly status: number; readonly body: string }>;

export function createInstance(dynamoDb: DynamoDBClient, lambda: LambdaClient, clock: Clock): Instance {
	const keyring = parseKeyring(JSON.stringify([{ id: 'k001', secret: Buffer.alloc(32, 1).toString('base64') }]));
	const context = {
		leases: createDynamoDbLeaseTable(dynamoDb, tables.controlTable),
		feed: createDynamoDbFeed(dynamoDb, tables.controlTable, { timing: timingDefaults, clock }),
		invokeBus: createLambdaBus(lambda, 'bus', consoleLog),
		clock,
		randomBytes: systemRandomBytes,
		log: consoleLog,
		timing: timingDefaults,
		timeouts: timeoutPresets.aal2,
		tokenKeys: createTokenKeys(async () => ({ kind: 'read', keyring }), clock, consoleLog),
		catalog: parseServiceCatalog([{ name: 'service' }]),
		quota: { max: 100, action: 'end-oldest' } as const,
		copyBytesMax: 1_000_000,
		requestsPerSecond: 100,
	};
	const api = createApi({
		server: createSessionServer(context),
		verifyIdToken: async (subject) => ({
			kind: 'verified',
			identity: { subject, scopes: [], assuranceLevel: 1, authenticatedAtMs: clock.now().wallMs },
		}),
		failedLogins: createTokenBuckets(rateOf(failedLoginsPerSecondDefault)),
		browser: {
			...context,
			issuers: { find: () => undefined },
			starts: createTokenBuckets(rateOf(failedLoginsPerSecondDefault)),
			publicUrl: undefined,
		},
		sendRequest: async () => {
			throw new Error('no service is called');
		},
		settings: { ...context, ...parseBrowserSettings({}), clientAttributes: new Set() },
		metrics: createMetrics(() => undefined, clock),
		wantsLine: () => false,
		readContract: () => '{}',
		evidenceHeader: false,
	});
	return async (method, url, bearer) => {
		const { statusCode, body } = encodeResponse(await api(decodeEvent(event(method, url, bearer)), 'request'));
		return { status: statusCode ?? 0, body: body ?? '' };
	};
}

function event(method: string, url: string, bearer: string): Parameters<typeof decodeEvent>[0] {
	const { pathname, search } = new URL(url, 'https://api.example');
	const parts = {
		version: '2.0',
		rawPath: pathname,
		rawQueryString: search.slice(1),
		headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
		requestContext: { http: { method, path: pathname } },
		body: method === 'POST' ? '{"delivery":"bearer"}' : undefined,
		isBase64Encoded: false,
	};
	return parts as unknown as Parameters<typeof decodeEvent>[0];
}
