import { parseServiceCatalog } from '../access/service-catalog.ts';
import { createDynamoDbCopyKeys } from '../control-table/dynamodb/copy-keys.ts';
import { createDynamoDbFeed } from '../control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../control-table/dynamodb/lease-table.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createLambdaClient } from '../system/aws/lambda-client.ts';
import { reportFailedCalls } from '../system/aws/report-failed-calls.ts';
import { createSecretsManagerClient } from '../system/aws/secrets-manager-client.ts';
import { systemClock } from '../system/clock.ts';
import { createFailedCalls, type ReportFailedCall } from '../system/failed-calls.ts';
import { consoleLog } from '../system/log.ts';
import type { Metrics } from '../system/metrics.ts';
import { systemRandomBytes } from '../system/random.ts';
import type { DecidingEnvironment } from './deployment/environment.ts';
import { createSecretsManagerKeyring } from './identity/secrets-manager-keyring.ts';
import { acceptingUnsigned, createTokenKeys, fixedTokenKeys, type TokenKeys } from './identity/token-keys.ts';
import { createLambdaBus } from './lambda-bus.ts';
import type { DecidingContext } from './session-server.ts';
import { readJsonBeside } from './settings-file.ts';

/**
 * Creates the parts of a session server, and reads the token keyring while the function starts. If
 * the keyring cannot be read, requests that need it are answered 503, and later ones read it again.
 * Ending the process instead would make each of them wait for another start.
 */
export async function composeInstance(
	settings: DecidingEnvironment,
	metrics: Metrics,
): Promise<DecidingContext & { readonly report: ReportFailedCall }> {
	const { timing, controlTable, busFunction, copyBytesMax, requestsPerSecond } = settings;
	const report = createFailedCalls(consoleLog, metrics, systemClock);
	const dynamoDb = reportFailedCalls(createDynamoDbClient(), report);
	const tokenKeys = acceptingUnsigned(createKeys(settings.keySource, report), settings.unsignedUntilMs, systemClock);
	await tokenKeys.forSigning();
	return {
		report,
		leases: createDynamoDbLeaseTable(dynamoDb, controlTable),
		feed: createDynamoDbFeed(dynamoDb, controlTable, {
			timing,
			clock: systemClock,
			reader: Buffer.from(systemRandomBytes(4)).readUInt32BE(),
		}),
		copyKeys: createDynamoDbCopyKeys(dynamoDb, controlTable, systemClock),
		invokeBus: createLambdaBus(reportFailedCalls(createLambdaClient(), report), busFunction, consoleLog),
		clock: systemClock,
		randomBytes: systemRandomBytes,
		log: consoleLog,
		catalog: parseServiceCatalog(readJsonBeside('services.json')),
		timing,
		tokenKeys,
		copyBytesMax,
		requestsPerSecond,
	};
}

function createKeys(source: DecidingEnvironment['keySource'], report: ReportFailedCall): TokenKeys {
	if (source.kind === 'fixed') return fixedTokenKeys(source.keyring);
	const readKeyring = createSecretsManagerKeyring(
		reportFailedCalls(createSecretsManagerClient(), report),
		source.secretId,
	);
	return createTokenKeys(readKeyring, systemClock, consoleLog);
}
