import { randomBytes } from 'node:crypto';
import type { BusVariables } from '../../functions/bus/deployment/environment.ts';
import type { RepairVariables } from '../../functions/repair/deployment/environment.ts';
import { deliveriesMax } from '../../functions/repair/deployment/retries.ts';
import type { SessionServerVariables } from '../../functions/session-server/deployment/environment.ts';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import { repairFunctionMs } from '../../functions/system/time-budget.ts';
import { demoClientAttributes } from '../demo.ts';
import type { LocalIssuer } from '../issuer/issuer.ts';
import type { DynamoDBTables } from '../services/dynamodb-tables.ts';
import type { QueueSettings } from '../services/embedded-sqs.ts';
import { localAccount } from '../system/local-account.ts';

export const sessionServerName = 'session-server';
export const busName = 'bus';
export const repairName = 'repair';
export const sessionBucket = 'leasehold-sessions';
export const tables: DynamoDBTables = { controlTable: 'leasehold-control', sessionTable: 'leasehold-sessions' };

export const repairQueue: QueueSettings = {
	name: 'leasehold-repairs',
	deadLetterName: 'leasehold-repairs-dead',
	deliveriesMax,
	// The shortest that Lambda allows for a queue that it polls. The stack's is several times as
	// long. Here, people and drills wait for a message that was in progress during an outage.
	visibilitySeconds: repairFunctionMs / 1_000,
};

type Variables = Readonly<Record<string, string>>;

/** The region's issuer, as its session servers are configured. */
export function localIssuers({ url, audience, jwksUri }: Pick<LocalIssuer, 'url' | 'audience' | 'jwksUri'>): Issuer[] {
	// The clocks of the region can be set ahead of the issuer's, and the token that
	// the region prints lives for half a day.
	return [{ name: 'local', issuer: url, audience, jwksUri, maxTokenAgeSeconds: 12 * 3_600, client: { id: audience } }];
}

/**
 * The session server's environment. It names no repository and no queue, and has no endpoint of S3
 * (I9).
 */
export function sessionServerEnvironment(
	endpoints: { readonly dynamodb: string; readonly lambda: string },
	issuers: readonly Issuer[],
	overrides: Partial<SessionServerVariables> = {},
): Variables {
	const contract = {
		LEASEHOLD_CONTROL_TABLE: tables.controlTable,
		LEASEHOLD_BUS_FUNCTION: busName,
		LEASEHOLD_TOKEN_KEYS: JSON.stringify([{ id: 'k001', secret: randomBytes(32).toString('base64') }]),
		LEASEHOLD_ISSUER_VALUES: '[]',
		// For drills that go back to the release before, which knows no clients and no timeouts.
		LEASEHOLD_ISSUERS: JSON.stringify(issuers.map(({ client: _client, timeouts: _timeouts, ...issuer }) => issuer)),
		LEASEHOLD_CLIENT_ATTRIBUTES: JSON.stringify(demoClientAttributes),
		LEASEHOLD_EVIDENCE_HEADER: 'true',
		...overrides,
	} satisfies SessionServerVariables;
	return {
		...lambdaVariables(sessionServerName),
		AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
		AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
		...contract,
	};
}

export function busEnvironment(
	endpoints: { readonly dynamodb: string; readonly s3: string; readonly sqs: string },
	repairQueueUrl: string,
	overrides: Partial<BusVariables> = {},
): Variables {
	const contract = {
		LEASEHOLD_CONTROL_TABLE: tables.controlTable,
		LEASEHOLD_SESSION_TABLE: tables.sessionTable,
		LEASEHOLD_SESSION_BUCKET: sessionBucket,
		LEASEHOLD_REPAIR_QUEUE_URL: repairQueueUrl,
		...overrides,
	} satisfies BusVariables;
	return {
		...lambdaVariables(busName),
		AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
		AWS_ENDPOINT_URL_S3: endpoints.s3,
		AWS_ENDPOINT_URL_SQS: endpoints.sqs,
		...contract,
	};
}

export function repairEnvironment(
	endpoints: { readonly dynamodb: string; readonly s3: string; readonly sqs: string },
	queue: { readonly queueUrl: string; readonly deadLetterUrl: string },
): Variables {
	const contract = {
		LEASEHOLD_CONTROL_TABLE: tables.controlTable,
		LEASEHOLD_SESSION_TABLE: tables.sessionTable,
		LEASEHOLD_SESSION_BUCKET: sessionBucket,
		LEASEHOLD_REPAIR_QUEUE_URL: queue.queueUrl,
		LEASEHOLD_REPAIR_DEAD_LETTER_URL: queue.deadLetterUrl,
	} satisfies RepairVariables;
	return {
		...lambdaVariables(repairName),
		AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
		AWS_ENDPOINT_URL_S3: endpoints.s3,
		AWS_ENDPOINT_URL_SQS: endpoints.sqs,
		...contract,
	};
}

/**
 * The variables that Lambda itself sets. Functions inherit nothing from this process's environment.
 */
function lambdaVariables(functionName: string): Variables {
	return {
		AWS_REGION: localAccount.region,
		AWS_DEFAULT_REGION: localAccount.region,
		AWS_ACCESS_KEY_ID: localAccount.credentials.accessKeyId,
		AWS_SECRET_ACCESS_KEY: localAccount.credentials.secretAccessKey,
		AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
		AWS_LAMBDA_FUNCTION_NAME: functionName,
		AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
		AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
		AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
		// There is no CloudWatch here to extract metrics from the log.
		LEASEHOLD_METRICS: 'off',
		LANG: 'en_US.UTF-8',
		PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
		TZ: ':UTC',
	};
}
