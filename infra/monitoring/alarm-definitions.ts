import { Duration } from 'aws-cdk-lib';
import { type IMetric, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Operation, Table } from 'aws-cdk-lib/aws-dynamodb';
import { delaySecondsMax } from '../../functions/repair/deployment/retries.ts';
import type { BundledFunction } from '../functions/bundled-function.ts';
import type { LeaseholdParts } from '../parts.ts';
import { functionMetric, sumOf, writes } from './function-metrics.ts';

export interface AlarmDefinition {
	/** Also the fragment of the runbook's section. */
	readonly name: string;
	/** Says what happened, and what to do next. */
	readonly description: string;
	readonly metric: IMetric;
	/** A period is bad if its value reaches the threshold. */
	readonly threshold: number;
	/**
	 * How many periods must be bad.
	 * @default 1
	 */
	readonly periods?: number;
	/**
	 * How many of the latest periods are evaluated.
	 * @default - 5 if `periods` is given, else 1
	 */
	readonly periodsLookedAt?: number;
}

const minute = Duration.minutes(1);

/**
 * If a repository is down for longer than this, many sessions are stored in one repository only.
 */
const repairAgeMax = Duration.minutes(15);

/** A repair is retried, and its age published, at least once in this time. */
const betweenRepairs = Duration.seconds(delaySecondsMax);

/** The alarms of all components except authorizers. */
export function alarmDefinitions(parts: LeaseholdParts): readonly AlarmDefinition[] {
	return [...decisionAlarms(parts), ...repositoryAlarms(parts), ...repairAlarms(parts), ...functionAlarms(parts)];
}

function decisionAlarms({ sessionServer, api, controlTable }: LeaseholdParts): AlarmDefinition[] {
	const unavailable = { outcome: 'unavailable', source: 'none' } as const;
	return [
		{
			name: 'decisions-unavailable',
			description:
				'Session servers cannot decide, and clients get 503. ' +
				'Look for the cause among the alarms of the bus, the repositories and the control table.',
			metric: functionMetric(sessionServer, 'Decisions', unavailable, { period: minute }),
			threshold: 5,
			periods: 2,
		},
		{
			name: 'api-failing',
			description:
				'The API answers requests with 5xx. ' +
				'Check the alarms decisions-unavailable and session-server-failing, then the access log.',
			metric: api.stage.metricServerError({ period: minute, statistic: 'Sum' }),
			threshold: 5,
			periods: 3,
		},
		{
			name: 'control-table-throttled',
			description:
				'DynamoDB throttles the control table. Instances that cannot sync in time ask the bus for every decision. ' +
				'Check whether there are many more instances or changes than before.',
			metric: throttled(controlTable.table, ['GetItem', 'PutItem', 'Query', 'UpdateItem']),
			threshold: 1,
			periods: 3,
		},
		{
			name: 'memory-too-small',
			description:
				'Instances evict copies of sessions for lack of memory, and each eviction costs another call to the bus. ' +
				'Increase memory.copiesMb.',
			metric: functionMetric(sessionServer, 'Evictions', {}, { period: minute }),
			threshold: 100,
			periods: 5,
		},
	];
}

function repositoryAlarms({ bus, sessionTable }: LeaseholdParts): AlarmDefinition[] {
	const repositories = ['dynamodb', 's3'];
	const degraded = writes.map((operation) => functionMetric(bus, 'DegradedWrites', { operation }, { period: minute }));
	const forged = repositories.map((repository) =>
		functionMetric(bus, 'ForgedRecords', { repository }, { period: minute }),
	);
	return [
		...repositories.map((repository) => ({
			name: `repository-${repository}-failing`,
			description:
				`The ${repository} repository does not answer, or its answers cannot be read. The other repository covers for it. ` +
				'If the AWS service is up, look for AccessDenied and throttling in the log of the bus.',
			metric: functionMetric(bus, 'RepositoryFailures', { repository }, { period: minute }),
			threshold: 5,
			periods: 3,
		})),
		{
			name: 'writes-degraded',
			description:
				'Only one repository acknowledges writes, and repairs are queued for the other. ' +
				'Check the alarms of the repositories.',
			metric: sumOf(degraded, { period: minute, label: 'degraded writes' }),
			threshold: 1,
			periods: 3,
		},
		{
			name: 'records-forged',
			description:
				'Session servers found records whose signature does not fit, and did not use them. ' +
				'Find out who can write to the repository that their log names.',
			metric: sumOf(forged, { period: minute, label: 'forged records' }),
			threshold: 1,
		},
		{
			name: 'session-table-throttled',
			description:
				'DynamoDB throttles the session table. Check for a single busy session, such as a client in a loop, or a sudden rush.',
			metric: throttled(sessionTable.table, ['DeleteItem', 'GetItem', 'PutItem', 'Scan']),
			threshold: 1,
			periods: 3,
		},
	];
}

function repairAlarms({ repair, repairQueue }: LeaseholdParts): AlarmDefinition[] {
	return [
		{
			name: 'repairs-given-up',
			description:
				'Repairs were given up, so their sessions are stored in one repository only. ' +
				'Find the reason in the dead-letter queue, then move the messages back.',
			metric: repairQueue.deadLetters.metricApproximateNumberOfMessagesVisible({
				period: minute,
				statistic: 'Maximum',
			}),
			threshold: 1,
		},
		{
			name: 'repairs-failing',
			description:
				`Repairs have failed for ${repairAgeMax.toMinutes()} minutes or longer, because a repository is down. ` +
				'Check the alarms of the repositories.',
			metric: functionMetric(repair, 'RepairAge', {}, { period: betweenRepairs, statistic: 'Maximum' }),
			threshold: repairAgeMax.toMilliseconds(),
			// Between two deliveries, one period may have no value.
			periodsLookedAt: 2,
		},
		{
			name: 'repairs-waiting',
			description:
				`Repairs have waited for ${repairAgeMax.toMinutes()} minutes or longer. ` +
				'Check whether the repair function fails, is throttled or is not invoked.',
			// SQS leaves out messages that were received three times or more. `repairs-failing`
			// covers those.
			metric: repairQueue.queue.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' }),
			threshold: repairAgeMax.toSeconds(),
		},
	];
}

function functionAlarms({ sessionServer, bus, repair, rotateKeys }: LeaseholdParts): AlarmDefinition[] {
	const functions = { 'session-server': sessionServer, bus, repair, 'rotate-keys': rotateKeys };
	return Object.entries(functions).flatMap(([name, component]) => alarmsOfFunction(name, component));
}

/** The alarms that every function has. */
export function alarmsOfFunction(name: string, { lambda }: BundledFunction): AlarmDefinition[] {
	return [
		{
			name: `${name}-failing`,
			description: `The function ${name} fails or times out. Search its log for the error.`,
			metric: lambda.metricErrors({ period: minute, statistic: 'Sum' }),
			threshold: 1,
			// Rotations are rare, so there may be no second bad period.
			...(name === 'rotate-keys' ? {} : { periods: 2 }),
		},
		{
			name: `${name}-throttled`,
			description:
				`Lambda throttles the function ${name}, because its reserved concurrency or the account's is used up. ` +
				'Reserve more, or ask AWS for a higher quota.',
			metric: lambda.metricThrottles({ period: minute, statistic: 'Sum' }),
			threshold: 1,
			periods: 2,
		},
	];
}

/**
 * Requests that DynamoDB throttled. It publishes nothing while it throttles none, and alarms on its
 * metrics keep their state then, whatever they say of missing data. So this fills the gaps with 0.
 * The operations are those that the functions use.
 * (CloudWatch User Guide, "Configuring how CloudWatch alarms treat missing data".)
 */
function throttled(table: Table, operations: readonly `${Operation}`[]): IMetric {
	const metrics = operations.map(
		(operation) =>
			new Metric({
				namespace: 'AWS/DynamoDB',
				metricName: 'ThrottledRequests',
				dimensionsMap: { TableName: table.tableName, Operation: operation },
				statistic: 'Sum',
				period: minute,
			}),
	);
	return sumOf(metrics, { period: minute, label: 'throttled requests' });
}
