import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import {
	DeleteTableCommand,
	DescribeContinuousBackupsCommand,
	DescribeTableCommand,
	DynamoDBClient,
	ResourceNotFoundException,
	RestoreTableToPointInTimeCommand,
	ScanCommand,
	waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { IAMClient } from '@aws-sdk/client-iam';
import {
	type FunctionConfiguration,
	GetFunctionConfigurationCommand,
	LambdaClient,
	paginateListFunctions,
	UpdateFunctionConfigurationCommand,
	waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { simulatedAccess } from './simulated-access.ts';
import type { Account, FailedCall } from './step.ts';

export interface AwsAccount extends Account {
	/** Deletes the restored table, once it is there. The key that it needs goes with the stack. */
	close(): Promise<void>;
}

/** A restore cannot be stopped. The table can be deleted when it has ended. */
const restoreSecondsMax = 60 * 60;

/**
 * Opens the account of the stack whose token keys are `secret`. No other stack has this secret, so
 * the functions are found by it.
 */
export async function openAwsAccount(secret: string, stackName: string): Promise<AwsAccount> {
	const region = secret.split(':')[3] ?? '';
	const lambda = new LambdaClient({ region });
	const dynamoDb = new DynamoDBClient({ region });
	const logs = new CloudWatchLogsClient({ region });
	const cloudWatch = new CloudWatchClient({ region });
	const { sessionServer, bus } = await functionsOf(lambda, secret);
	const sessionTable = variable(bus, 'LEASEHOLD_SESSION_TABLE');
	const restored = restoredTableOf(stackName);
	let restore: 'none' | 'asked' | 'begun' = 'none';

	async function metricsOf({ FunctionName: service }: FunctionConfiguration): Promise<number> {
		const dimension = { Name: 'service', Value: service };
		const { Metrics = [] } = await cloudWatch.send(
			new ListMetricsCommand({ Namespace: 'Leasehold', Dimensions: [dimension] }),
		);
		return Metrics.length;
	}

	return {
		simulateAccess: async () => {
			const { Table: table } = await dynamoDb.send(
				new DescribeTableCommand({ TableName: variable(bus, 'LEASEHOLD_CONTROL_TABLE') }),
			);
			return simulatedAccess(new IAMClient({ region }), {
				region,
				sessionServerRole: sessionServer.Role ?? '',
				busRole: bus.Role ?? '',
				table: table?.TableArn ?? '',
				key: table?.SSEDescription?.KMSMasterKeyArn ?? '',
			});
		},
		failedCalls: async (lastMs) => {
			const calls: FailedCall[] = [];
			for (const { LoggingConfig } of [sessionServer, bus]) {
				// CloudWatch answers page by page, and a page may be empty although a later one is not.
				const pages = paginateFilterLogEvents(
					{ client: logs },
					{
						logGroupName: LoggingConfig?.LogGroup,
						startTime: Date.now() - lastMs,
						filterPattern: '{ $.message = "a call to AWS failed" }',
					},
				);
				for await (const { events = [] } of pages)
					calls.push(...events.map(({ message = '{}' }) => JSON.parse(message) as FailedCall));
			}
			return calls;
		},
		metrics: async () => ({ sessionServer: await metricsOf(sessionServer), bus: await metricsOf(bus) }),
		beginRestore: async () => {
			const { ContinuousBackupsDescription: backups } = await dynamoDb.send(
				new DescribeContinuousBackupsCommand({ TableName: sessionTable }),
			);
			if (backups?.PointInTimeRecoveryDescription?.LatestRestorableDateTime === undefined) return 'too-young';
			// If the answer is lost, there may be a table all the same.
			restore = 'asked';
			await dynamoDb.send(
				new RestoreTableToPointInTimeCommand({
					SourceTableName: sessionTable,
					TargetTableName: restored,
					UseLatestRestorableTime: true,
				}),
			);
			restore = 'begun';
			return 'begun';
		},
		restoredItems: async () => {
			const { Table: table } = await dynamoDb.send(new DescribeTableCommand({ TableName: restored }));
			if (table?.TableStatus !== 'ACTIVE') return undefined;
			// A trial has some hundred sessions, which fit into one page.
			return (await dynamoDb.send(new ScanCommand({ TableName: restored, Select: 'COUNT' }))).Count;
		},
		replaceEnvironments: async () => {
			const { FunctionName } = sessionServer;
			const { Description = '' } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
			// A variable would end the environments as well, but a description changes nothing they read.
			await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Description: `${Description}.` }));
			await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 60 }, { FunctionName });
		},
		close: async () => {
			if (restore === 'none' || (restore === 'asked' && !(await exists(dynamoDb, restored)))) return;
			await waitUntilTableExists({ client: dynamoDb, maxWaitTime: restoreSecondsMax }, { TableName: restored });
			await dynamoDb.send(new DeleteTableCommand({ TableName: restored }));
			restore = 'none';
		},
	};
}

async function exists(dynamoDb: DynamoDBClient, TableName: string): Promise<boolean> {
	try {
		await dynamoDb.send(new DescribeTableCommand({ TableName }));
		return true;
	} catch (error) {
		if (error instanceof ResourceNotFoundException) return false;
		throw error;
	}
}

/** The table that a trial restores beside its stack. */
export function restoredTableOf(stackName: string): string {
	return `${stackName}-restored`;
}

async function functionsOf(lambda: LambdaClient, secret: string) {
	const all: FunctionConfiguration[] = [];
	for await (const { Functions = [] } of paginateListFunctions({ client: lambda }, {})) all.push(...Functions);
	const sessionServer = all.find(
		({ Environment: environment }) =>
			environment?.Variables?.['LEASEHOLD_TOKEN_KEYS_SECRET'] === secret &&
			environment.Variables['LEASEHOLD_AUTHORIZER_SERVICE'] === undefined,
	);
	if (sessionServer === undefined) throw new Error('no function has the token keys of the stack');
	const busName = variable(sessionServer, 'LEASEHOLD_BUS_FUNCTION');
	const bus = all.find(({ FunctionName, FunctionArn }) => FunctionName === busName || FunctionArn === busName);
	if (bus === undefined) throw new Error('the bus of the stack is not among the functions');
	return { sessionServer, bus };
}

function variable({ FunctionName, Environment: environment }: FunctionConfiguration, name: string): string {
	const value = environment?.Variables?.[name];
	if (value === undefined) throw new Error(`${FunctionName} has no variable ${name}`);
	return value;
}
