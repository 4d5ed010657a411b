import { readFileSync } from 'node:fs';
import { parseServiceCatalog } from '../access/service-catalog.ts';
import { createDynamoDbFeed } from '../control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../control-table/dynamodb/lease-table.ts';
import { createDynamoDbClient } from '../system/aws/dynamodb-client.ts';
import { createLambdaClient } from '../system/aws/lambda-client.ts';
import { createSecretsManagerClient } from '../system/aws/secrets-manager-client.ts';
import { systemClock } from '../system/clock.ts';
import { consoleLog } from '../system/log.ts';
import { systemRandomBytes } from '../system/random.ts';
import type { DecidingEnvironment } from './deployment/environment.ts';
import { createSecretsManagerKeyring } from './identity/secrets-manager-keyring.ts';
import { createTokenKeys, fixedTokenKeys, type TokenKeys } from './identity/token-keys.ts';
import { createLambdaBus } from './lambda-bus.ts';
import type { DecidingContext } from './session-server.ts';

/**
 * Puts a session server's parts together, with the keyring looked up while the function starts. When that fails, requests
 * that need it are answered 503 and look again: ending the process would only make every one of them slower.
 */
export async function composeInstance(settings: DecidingEnvironment): Promise<DecidingContext> {
	const { timing, controlTable, busFunction, copyBytesMax } = settings;
	const dynamoDb = createDynamoDbClient();
	const tokenKeys = createKeys(settings.keySource);
	await tokenKeys.forSigning();
	return {
		leases: createDynamoDbLeaseTable(dynamoDb, controlTable),
		feed: createDynamoDbFeed(dynamoDb, controlTable, timing.feedRetentionMs),
		invokeBus: createLambdaBus(createLambdaClient(), busFunction, consoleLog),
		clock: systemClock,
		randomBytes: systemRandomBytes,
		log: consoleLog,
		catalog: parseServiceCatalog(JSON.parse(readFileSync(new URL('./services.json', import.meta.url), 'utf8'))),
		timing,
		tokenKeys,
		copyBytesMax,
	};
}

function createKeys(source: DecidingEnvironment['keySource']): TokenKeys {
	if (!('secretId' in source)) return fixedTokenKeys(source);
	const lookUp = createSecretsManagerKeyring(createSecretsManagerClient(), source.secretId);
	return createTokenKeys(lookUp, systemClock, consoleLog);
}
