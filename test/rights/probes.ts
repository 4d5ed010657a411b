import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
	CloudWatchLogsClient,
	DescribeLogGroupsCommand,
	FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DeleteItemCommand, DynamoDBClient, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
	GetSecretValueCommand,
	ListSecretsCommand,
	PutSecretValueCommand,
	SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createDynamoDbMarkers } from '../../functions/control-table/dynamodb/markers.ts';
import { everySession } from '../../functions/control-table/markers.ts';
import { encodeRepairTask, encodeSweepTask } from '../../functions/repair/repair-message.ts';
import { sessionItemKey } from '../../functions/repositories/dynamodb/item.ts';
import { sessionIdBytes } from '../../functions/session/ids.ts';
import type { RepositoryName } from '../../functions/session/repository-name.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { authorize, call, deployed, idToken } from '../e2e/client.ts';
import { functionProcesses } from '../e2e/instances.ts';
import { removeBucket, s3, sessionBucket } from '../e2e/session-bucket.ts';

/** The emulator's credentials that may do everything. */
export const settings = {
	endpoint: String(deployed.endpoint),
	region: 'us-east-1',
	credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

const logs = new CloudWatchLogsClient(settings);
const lambda = new LambdaClient(settings);
const secrets = new SecretsManagerClient(settings);
const dynamoDb = new DynamoDBClient(settings);

/** The answers to a client, and of the functions behind it, by what was asked. */
export type Outcomes = Readonly<Record<string, string>>;

/** All functions start anew, so nothing that they remember covers for a right. */
export async function restartFunctions(): Promise<void> {
	for (const pid of await functionProcesses()) {
		try {
			process.kill(pid, 'SIGKILL');
		} catch {
			// It has ended by itself.
		}
	}
	await delay(200);
}

/** Longer than a lease of an instance that was killed. */
const leaseOverMs = 12_000;
const adoptionMs = 2_000;

/**
 * Uses everything that has rights.
 *
 * @param failover whether to wait until the lease of an owner that was killed is over
 */
export async function probe(failover: boolean): Promise<Outcomes> {
	const outcomes: Record<string, string> = {};
	const subject = `rights-${Date.now()}`;
	const loggedIn = await call('POST', '/v1/sessions', {
		token: await idToken({ subject }),
		body: { delivery: 'bearer' },
	});
	outcomes['login'] = String(loggedIn.status);
	const token = String(loggedIn.json['token'] ?? '');
	const handle = (await call('GET', '/v1/session', { token })).json['handle'] as SessionId | undefined;
	const change = async (theme: string) => {
		const body = { attributes: { theme } };
		return String((await call('PATCH', '/v1/session', { token, body })).status);
	};
	await restartFunctions();
	outcomes['cold decision'] = String((await authorize(token)).status);
	outcomes['change'] = await change('dark');
	outcomes['list'] = String((await call('GET', '/v1/sessions', { token })).status);
	const guarded = { token, ...(deployed.guardedUrl === undefined ? {} : { url: deployed.guardedUrl }) };
	outcomes['authorizer'] = String((await call('GET', '/whoami', guarded)).status);
	if (failover) {
		await restartFunctions();
		await delay(leaseOverMs);
		const { status, evidence } = await authorize(token);
		outcomes['failover'] = `${status} ${evidence?.source}`;
		// The new owner is stored after the answer, and the next failover has to seal its lease.
		await delay(adoptionMs);
		await restartFunctions();
		await delay(leaseOverMs);
		outcomes['failover to the authorizer'] = String((await call('GET', '/whoami', guarded)).status);
	}
	const Bucket = await sessionBucket();
	await removeBucket(Bucket);
	outcomes['change without S3'] = await change('light');
	await s3.send(new CreateBucketCommand({ Bucket }));
	await restartFunctions();
	if (handle !== undefined) outcomes['repair'] = await repair(handle, Bucket);
	outcomes['logout'] = String((await call('DELETE', '/v1/session', { token })).status);
	outcomes['rotation'] = await rotate();
	return outcomes;
}

/**
 * Repairs of a session whose record is corrupt in one repository and then in the other one, sweeps
 * for both that leave one session for later, and a message that is given up.
 */
async function repair(handle: SessionId, Bucket: string): Promise<string> {
	const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
	const tableNamed = (part: string) => TableNames.find((name) => name.includes(part)) ?? '';
	const markers = createDynamoDbMarkers(dynamoDb, tableNamed('ControlTable'));
	const at = { openedAtMs: Date.now(), expiresAtMs: undefined };
	// Those that an earlier trial left open would keep a corrupt record from being moved aside.
	for (const [missing, { version }] of await markers.look(everySession))
		await markers.settle(everySession, missing, version);
	const repairOf = async (missing: RepositoryName) => {
		await markers.open(handle, [missing], at);
		return invoke('Repair', eventOf(encodeRepairTask({ sessionId: handle, missing: [missing] })));
	};
	const sweepOf = async (missing: RepositoryName) => {
		await markers.open(everySession, [missing], at);
		return invoke('Repair', eventOf(encodeSweepTask({ missing })));
	};
	const outcomes = [await repairOf('s3')];
	await s3.send(new PutObjectCommand({ Bucket, Key: `sessions/${handle}.json`, Body: 'corrupt' }));
	outcomes.push(await repairOf('s3'));
	const Item = { ...sessionItemKey(handle), record: { S: 'corrupt' }, revision: { N: '1' } };
	await dynamoDb.send(new PutItemCommand({ TableName: tableNamed('SessionTable'), Item }));
	outcomes.push(await repairOf('dynamodb'));
	// A record of a later version is not repaired now. The sweep queues a repair for it.
	const TableName = tableNamed('SessionTable');
	const later = sessionItemKey(randomBytes(sessionIdBytes).toString('base64url') as SessionId);
	await dynamoDb.send(new PutItemCommand({ TableName, Item: { ...later, record: { S: '{"schema":99}' } } }));
	outcomes.push(await sweepOf('s3'), await sweepOf('dynamodb'));
	await dynamoDb.send(new DeleteItemCommand({ TableName, Key: later }));
	outcomes.push(await invoke('Repair', eventOf('no message')));
	return outcomes.join(', ');
}

function eventOf(body: string): object {
	const attributes = { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) };
	return { Records: [{ messageId: 'probe', receiptHandle: 'probe', body, attributes }] };
}

async function invoke(name: string, event: object): Promise<string> {
	const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
	const FunctionName = Functions.find((one) => one.FunctionName?.includes(`Leasehold${name}Function`))?.FunctionName;
	const invoked = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
	const answer = JSON.parse(invoked.Payload?.transformToString() ?? 'null') as Answer | null;
	if (invoked.FunctionError !== undefined) return `failed: ${answer?.errorType}`;
	return (answer?.batchItemFailures?.length ?? 0) > 0 ? 'retry' : 'done';
}

interface Answer {
	readonly errorType?: string;
	readonly batchItemFailures?: readonly unknown[];
}

/** The steps of a rotation, as Secrets Manager asks for them. The emulator does not ask. */
async function rotate(): Promise<string> {
	const { SecretList = [] } = await secrets.send(new ListSecretsCommand({}));
	const SecretId = SecretList.find(({ Name = '' }) => Name.includes('TokenKeys'))?.ARN;
	const ClientRequestToken = crypto.randomUUID();
	// The same keyring once more, so that tokens stay valid.
	const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId }));
	const VersionStages = ['AWSPENDING'];
	await secrets.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }));
	for (const Step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
		const outcome = await invoke('RotateKeys', { Step, SecretId, ClientRequestToken });
		if (outcome !== 'done') return outcome;
	}
	return 'done';
}

/** The lines of all functions since then that say that something was denied. */
export async function denialsSince(startTime: number): Promise<readonly string[]> {
	const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
	const lines: string[] = [];
	for (const { logGroupName } of logGroups) {
		const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, startTime }));
		for (const { message = '' } of events) if (/AccessDenied|not authorized/.test(message)) lines.push(message);
	}
	return lines;
}
