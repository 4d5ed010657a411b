/**
 * `npm run walk`: which files a request passes through. It runs the production code with its real
 * adapters against embedded services, and lists each source file of which a function ran: once for
 * the session server, once for the bus. Code that only runs while a function starts does not count.
 */
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { parseKeyring } from '../functions/access/keyring.ts';
import { parseServiceCatalog } from '../functions/access/service-catalog.ts';
import { createBus } from '../functions/bus/bus.ts';
import { measureMessage } from '../functions/bus/measure.ts';
import { createDynamoDbFeed } from '../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../functions/control-table/dynamodb/lease-table.ts';
import { timingDefaults } from '../functions/control-table/timing.ts';
import { envelopeOf, openMessage } from '../functions/protocol/envelope.ts';
import { createDynamoDbRepository } from '../functions/repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../functions/repositories/dynamodb/subject-index.ts';
import { createS3Repository } from '../functions/repositories/s3/repository.ts';
import { timeoutPresets } from '../functions/session-server/deployment/timeouts.ts';
import { type Api, createApi } from '../functions/session-server/http/api.ts';
import { decodeEvent, encodeResponse } from '../functions/session-server/http/exchange.ts';
import { createTokenKeys } from '../functions/session-server/identity/token-keys.ts';
import { createLambdaBus } from '../functions/session-server/lambda-bus.ts';
import { createSessionServer } from '../functions/session-server/session-server.ts';
import { consoleLog } from '../functions/system/log.ts';
import { createMetrics } from '../functions/system/metrics.ts';
import { systemRandomBytes } from '../functions/system/random.ts';
import { systemTimerClock } from '../functions/system/timers.ts';
import { startEmbeddedDynamoDB } from '../local/services/embedded-dynamodb.ts';
import { startEmbeddedS3 } from '../local/services/embedded-s3.ts';
import { createServiceConditions } from '../local/services/faults.ts';
import { localAccount } from '../local/system/local-account.ts';

const usage = `Usage: npm run walk [-- --files]

  --files  print the files, in no particular order, and not only how many they are
`;

/** Short enough to wait for the end of a lease. */
const timing = { ...timingDefaults, leaseDurationMs: 900, maxStalenessMs: 600, skewMs: 50, feedAppendMs: 500 };
const functionsFolder = fileURLToPath(new URL('../functions/', import.meta.url));
const profiler = new Session();
const tables = { controlTable: 'control', sessionTable: 'sessions' };
const bucket = 'sessions';

/** The files of which a function ran since this was last asked. */
async function filesSoFar(): Promise<readonly string[]> {
	const { result } = await profiler.post('Profiler.takePreciseCoverage');
	const files = result.flatMap(({ url, functions }) => {
		const file = url.startsWith('file://') ? fileURLToPath(url) : '';
		// A function that begins at the module's first character is the module itself.
		const ran = functions.some(
			({ ranges: [range] }) => range !== undefined && range.startOffset > 0 && range.count > 0,
		);
		return ran && file.startsWith(functionsFolder) ? [file.slice(functionsFolder.length)] : [];
	});
	return files.sort();
}

interface Walk {
	readonly sessionServer: Set<string>;
	readonly bus: Set<string>;
}

let walk: Walk = { sessionServer: new Set(), bus: new Set() };

async function walked(part: keyof Walk): Promise<void> {
	for (const file of await filesSoFar()) walk[part].add(file);
}

function createBusAt(dynamoDb: DynamoDBClient, s3: S3Client): LambdaClient {
	const log = consoleLog;
	const bus = createBus({
		repositories: [
			createDynamoDbRepository(dynamoDb, tables.sessionTable, systemTimerClock),
			createS3Repository(s3, bucket),
		],
		subjects: createDynamoDbSubjectIndex(dynamoDb, tables.sessionTable),
		repairs: { enqueue: async () => undefined },
		leases: createDynamoDbLeaseTable(dynamoDb, tables.controlTable),
		feed: createDynamoDbFeed(dynamoDb, tables.controlTable, timing.feedRetentionMs),
		clock: systemTimerClock,
		timing,
		log,
	});
	const metrics = createMetrics(() => undefined, systemTimerClock);
	/** Stands for the service that invokes the bus's function: what runs in between is the bus's. */
	const send = async ({ input }: { readonly input: { readonly Payload: string } }) => {
		await walked('sessionServer');
		const opened = openMessage(JSON.parse(input.Payload));
		if (opened.kind === 'malformed') throw new Error(opened.problem);
		const answer = await bus(opened.body);
		measureMessage(metrics, opened.body.operation, answer, 1);
		metrics.flush();
		consoleLog('info', 'message', { operation: opened.body.operation });
		const text = JSON.stringify(envelopeOf(answer));
		walk.bus.add('bus/handler.ts');
		await walked('bus');
		return { Payload: { transformToString: () => text } };
	};
	return { send } as unknown as LambdaClient;
}

function createInstance(dynamoDb: DynamoDBClient, lambda: LambdaClient): Api {
	const keyring = parseKeyring(JSON.stringify([{ id: 'k001', secret: Buffer.alloc(32, 1).toString('base64') }]));
	const clock = systemTimerClock;
	const context = {
		leases: createDynamoDbLeaseTable(dynamoDb, tables.controlTable),
		feed: createDynamoDbFeed(dynamoDb, tables.controlTable, timing.feedRetentionMs),
		invokeBus: createLambdaBus(lambda, 'bus', consoleLog),
		clock,
		randomBytes: systemRandomBytes,
		log: consoleLog,
		timing,
		timeouts: timeoutPresets.aal2,
		tokenKeys: createTokenKeys(async () => ({ kind: 'read', keyring }), clock, consoleLog),
		catalog: parseServiceCatalog([{ name: 'service' }]),
		quota: { max: 100, action: 'end-oldest' } as const,
		copyBytesMax: 1_000_000,
	};
	return createApi({
		server: createSessionServer(context),
		verifyIdToken: async (subject) => ({
			kind: 'verified',
			identity: { subject, scopes: [], assuranceLevel: 1, authenticatedAtMs: clock.now().wallMs },
		}),
		sendRequest: async () => {
			throw new Error('no service is called');
		},
		settings: { ...context, clientAttributes: new Set() },
		metrics: createMetrics(() => undefined, clock),
		evidenceHeader: false,
	});
}

async function request(api: Api, method: string, url: string, bearer: string) {
	const { pathname, search } = new URL(url, 'https://api.example');
	const event = {
		version: '2.0',
		rawPath: pathname,
		rawQueryString: search.slice(1),
		headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
		requestContext: { http: { method, path: pathname } },
		body: method === 'POST' ? '{"delivery":"bearer"}' : undefined,
		isBase64Encoded: false,
	} as unknown as Parameters<typeof decodeEvent>[0];
	return encodeResponse(await api(decodeEvent(event), 'request'));
}

/** Follows one request, and says what it was answered with. */
async function follow(name: string, act: () => ReturnType<typeof request>, showFiles: boolean): Promise<void> {
	walk = { sessionServer: new Set(['session-server/handler.ts']), bus: new Set() };
	await filesSoFar();
	const { statusCode } = await act();
	await walked('sessionServer');
	const { sessionServer, bus } = walk;
	const both = sessionServer.size + bus.size;
	print(`${name}: ${both} files (session server ${sessionServer.size}, bus ${bus.size}), answered ${statusCode}`);
	if (showFiles) for (const [part, files] of Object.entries(walk)) print([`  ${part}`, ...files].join('\n    '));
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function main(showFiles: boolean): Promise<void> {
	profiler.connect();
	await profiler.post('Profiler.enable');
	await profiler.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
	const conditions = createServiceConditions();
	const dynamoDbService = await startEmbeddedDynamoDB(tables, conditions);
	const s3Service = await startEmbeddedS3(bucket, conditions);
	const dynamoDb = new DynamoDBClient({ endpoint: dynamoDbService.url, ...localAccount });
	const s3 = new S3Client({ endpoint: s3Service.url, forcePathStyle: true, ...localAccount });
	const lambda = createBusAt(dynamoDb, s3);
	const [first, second, third] = [0, 1, 2].map(() => createInstance(dynamoDb, lambda)) as [Api, Api, Api];

	const login = await request(first, 'POST', '/v1/sessions', 'alice');
	const { token } = JSON.parse(String(login.body));
	const authorize = (api: Api) => request(api, 'GET', '/v1/authorize?service=service', token);
	await authorize(first);
	await follow('A warm decision', () => authorize(first), showFiles);
	await request(second, 'POST', '/v1/sessions', 'bob');
	await request(third, 'POST', '/v1/sessions', 'carol');
	await pass(timing.leaseDurationMs + 2 * timing.skewMs + 100);
	await request(second, 'POST', '/v1/sessions', 'bob');
	await follow('A failover', () => authorize(second), showFiles);
	await authorize(third);
	await follow(
		'A logout that is confirmed everywhere',
		() => request(second, 'DELETE', '/v1/session?confirm=everywhere', token),
		showFiles,
	);
	dynamoDb.destroy();
	s3.destroy();
	await dynamoDbService.close();
	await s3Service.close();
	profiler.disconnect();
}

const [option, ...others] = process.argv.slice(2);
if (option === '--help') print(usage);
else if ((option !== undefined && option !== '--files') || others.length > 0) {
	process.stderr.write(usage);
	process.exitCode = 2;
} else await main(option === '--files');
