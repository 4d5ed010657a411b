import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
	CloudWatchLogsClient,
	DeleteLogGroupCommand,
	DescribeLogGroupsCommand,
	FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
	DeleteTableCommand,
	DescribeContinuousBackupsCommand,
	DescribeTableCommand,
	DynamoDBClient,
	ResourceNotFoundException,
	RestoreTableToPointInTimeCommand,
} from '@aws-sdk/client-dynamodb';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { openAwsAccount } from '../../../drills/first-deployment/aws-account.ts';
import { deleteLeftoverLogs } from '../../../drills/first-deployment/leftovers.ts';
import { simulatedAccess } from '../../../drills/first-deployment/simulated-access.ts';

const secret = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys-1';
const iam = mockClient(IAMClient);
const lambda = mockClient(LambdaClient);
const dynamoDb = mockClient(DynamoDBClient);
const logs = mockClient(CloudWatchLogsClient);
const cloudWatch = mockClient(CloudWatchClient);
// Files of unit tests share their modules.
afterAll(() => {
	for (const client of [iam, lambda, dynamoDb, logs, cloudWatch]) client.restore();
});

beforeEach(() => {
	for (const client of [iam, lambda, dynamoDb, logs, cloudWatch]) client.reset();
	const ours = { LEASEHOLD_TOKEN_KEYS_SECRET: secret, LEASEHOLD_BUS_FUNCTION: 'bus' };
	lambda.on(ListFunctionsCommand).resolves({
		Functions: [
			functionOf('other', { ...ours, LEASEHOLD_TOKEN_KEYS_SECRET: `${secret}2`, LEASEHOLD_BUS_FUNCTION: 'other-bus' }),
			functionOf('authorizer', { ...ours, LEASEHOLD_AUTHORIZER_SERVICE: 'orders' }),
			functionOf('server', ours),
			functionOf('bus', { LEASEHOLD_SESSION_TABLE: 'sessions', LEASEHOLD_CONTROL_TABLE: 'control' }),
		],
	});
});

describe('the account of a trial', () => {
	test('reads the logs of the session server and the bus of the stack', async () => {
		const message = JSON.stringify({ callee: 'S3', operation: 'GetObject', failure: 'denied' });
		logs.on(FilterLogEventsCommand).resolves({ events: [] });
		logs.on(FilterLogEventsCommand, { logGroupName: 'log-bus' }).resolves({ events: [{ message }] });
		const account = await openAwsAccount(secret, 'Trial');
		expect(await account.failedCalls(60_000)).toEqual([expect.objectContaining({ failure: 'denied' })]);
		const groups = logs.commandCalls(FilterLogEventsCommand).map(({ args }) => args[0].input.logGroupName);
		expect(groups).toEqual(['log-server', 'log-bus']);
	});

	test('reads all pages of a log, of which the first may be empty', async () => {
		const message = JSON.stringify({ callee: 'S3', operation: 'GetObject', failure: 'denied' });
		logs.on(FilterLogEventsCommand).resolves({ events: [], nextToken: 'second' });
		logs.on(FilterLogEventsCommand, { nextToken: 'second' }).resolves({ events: [{ message }] });
		const account = await openAwsAccount(secret, 'Trial');
		expect(await account.failedCalls(60_000)).toHaveLength(2);
	});

	test('counts the metrics of the functions of the stack', async () => {
		cloudWatch.on(ListMetricsCommand).resolves({ Metrics: [] });
		const dimension = { Name: 'service', Value: 'bus' };
		cloudWatch
			.on(ListMetricsCommand, { Namespace: 'Leasehold', Dimensions: [dimension] })
			.resolves({ Metrics: [{}, {}] });
		const account = await openAwsAccount(secret, 'Trial');
		expect(await account.metrics()).toEqual({ sessionServer: 0, bus: 2 });
	});

	test('restores nothing from a table that is too young', async () => {
		dynamoDb.on(DescribeContinuousBackupsCommand).resolves({});
		const account = await openAwsAccount(secret, 'Trial');
		expect(await account.beginRestore()).toBe('too-young');
		await account.close();
		expect(dynamoDb.commandCalls(RestoreTableToPointInTimeCommand)).toHaveLength(0);
		expect(dynamoDb.commandCalls(DeleteTableCommand)).toHaveLength(0);
	});

	test('deletes the table that it restored, and no other', async () => {
		const backups = { PointInTimeRecoveryDescription: { LatestRestorableDateTime: new Date(0) } };
		dynamoDb.on(DescribeContinuousBackupsCommand).resolves({
			ContinuousBackupsDescription: { ...backups, ContinuousBackupsStatus: 'ENABLED' },
		});
		dynamoDb.on(RestoreTableToPointInTimeCommand).resolves({});
		dynamoDb.on(DescribeTableCommand).resolves({ Table: { TableStatus: 'ACTIVE' } });
		dynamoDb.on(DeleteTableCommand).resolves({});
		const account = await openAwsAccount(secret, 'Trial');
		expect(await account.beginRestore()).toBe('begun');
		await account.close();
		expect(dynamoDb.commandCalls(RestoreTableToPointInTimeCommand)[0]?.args[0].input.SourceTableName).toBe('sessions');
		const deleted = dynamoDb.commandCalls(DeleteTableCommand).map(({ args }) => args[0].input.TableName);
		expect(deleted).toEqual(['Trial-restored']);
	});

	test.each([
		['is there', async () => ({ Table: { TableStatus: 'ACTIVE' as const } }), 1],
		['is not there', () => Promise.reject(new ResourceNotFoundException({ message: 'no', $metadata: {} })), 0],
	])('deletes a table whose restore was not answered, if it %s', async (_, described, deletions) => {
		dynamoDb.on(DescribeContinuousBackupsCommand).resolves({
			ContinuousBackupsDescription: {
				ContinuousBackupsStatus: 'ENABLED',
				PointInTimeRecoveryDescription: { LatestRestorableDateTime: new Date(0) },
			},
		});
		dynamoDb.on(RestoreTableToPointInTimeCommand).rejects(new Error('connection reset'));
		dynamoDb.on(DescribeTableCommand).callsFake(described);
		dynamoDb.on(DeleteTableCommand).resolves({});
		const account = await openAwsAccount(secret, 'Trial');
		await expect(account.beginRestore()).rejects.toThrow('connection reset');
		await account.close();
		expect(dynamoDb.commandCalls(DeleteTableCommand)).toHaveLength(deletions);
	});
});

describe('the logs that do not go with the stack', () => {
	const group = '/aws/lambda/LeaseholdTrial-01234567-CustomS3AutoDelete-1';

	test('are those of functions whose names begin with that of the stack, and are deleted', async () => {
		logs.on(DescribeLogGroupsCommand).resolves({ logGroups: [{ logGroupName: group }] });
		logs.on(DeleteLogGroupCommand).resolves({});
		await deleteLeftoverLogs('LeaseholdTrial-0123456789ab', 'eu-west-1');
		const asked = logs.commandCalls(DescribeLogGroupsCommand).map(({ args }) => args[0].input.logGroupNamePrefix);
		expect(asked).toEqual(['/aws/lambda/LeaseholdTrial-01234567']);
		const deleted = logs.commandCalls(DeleteLogGroupCommand).map(({ args }) => args[0].input.logGroupName);
		expect(deleted).toEqual([group]);
	});

	test('are named if they could not be deleted', async () => {
		logs.on(DescribeLogGroupsCommand).rejects(new Error('denied'));
		const deleting = deleteLeftoverLogs('LeaseholdTrial-0123456789ab', 'eu-west-1');
		await expect(deleting).rejects.toThrow('/aws/lambda/LeaseholdTrial-01234567 may remain');
	});
});

test('access is simulated with and without the value that a condition names', async () => {
	const granted = [
		'server dynamodb:GetItem lease#0',
		'server dynamodb:GetItem copykey#0',
		'bus dynamodb:PutItem feed#0',
		'bus dynamodb:PutItem copykey#0',
		'server kms:Decrypt dynamodb.eu-west-1.amazonaws.com',
	];
	iam.on(SimulatePrincipalPolicyCommand).callsFake(({ PolicySourceArn, ActionNames, ContextEntries = [] }) => {
		const access = `${PolicySourceArn} ${ActionNames[0]} ${ContextEntries[0]?.ContextKeyValues[0]}`;
		return { EvaluationResults: [{ EvalDecision: granted.includes(access) ? 'allowed' : 'implicitDeny' }] };
	});
	const options = { region: 'eu-west-1', sessionServerRole: 'server', busRole: 'bus', table: 'table', key: 'key' };
	const accesses = await simulatedAccess(new IAMClient({}), options);
	expect(accesses.filter(({ allowed }) => allowed)).toHaveLength(granted.length);
	expect(accesses.filter(({ expected, allowed }) => expected !== allowed)).toEqual([]);
	expect(accesses.some(({ access }) => access === 'bus, kms:Decrypt, no service between')).toBe(true);
});

function functionOf(name: string, variables: Record<string, string>) {
	return {
		FunctionName: name,
		Role: `role-${name}`,
		LoggingConfig: { LogGroup: `log-${name}` },
		Environment: { Variables: variables },
	};
}
