import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Operation, type Table } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { delaySecondsMax } from '../../functions/repair/deployment/retries.ts';
import type { BundledFunction } from '../functions/bundled-function.ts';
import type { LeaseholdParts } from '../parts.ts';
import { functionMetric, sumOf, writes } from './function-metrics.ts';

export interface AlarmsProps {
	readonly parts: LeaseholdParts;
	/**
	 * The topic that is notified.
	 * @default - alarms notify nobody
	 */
	readonly topic?: ITopic | undefined;
	/** Address of the runbook, without a fragment. */
	readonly runbook: string;
	/** Whether to leave out alarms over sums of metrics, which emulators do not support. */
	readonly emulator: boolean;
}

interface AlarmDefinition {
	/** Also the fragment of the runbook's section. */
	readonly name: string;
	/** What happened, and what to do next. */
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
const someMinutes = 5;

/**
 * If a repository is down for longer than this, many sessions are stored in one repository only.
 */
const repairAgeMax = Duration.minutes(15);

/** A repair is retried, and its age published, at least once in this time. */
const betweenRepairs = Duration.seconds(delaySecondsMax);

/**
 * Alarms that need a person, each with its section of the runbook. Transient failures do not count
 * if they mend themselves.
 */
export class Alarms extends Construct {
	private readonly props: AlarmsProps;

	constructor(scope: Construct, id: string, props: AlarmsProps) {
		super(scope, id);
		this.props = props;
		for (const definition of definitions(props.parts)) this.add(definition.name, definition);
	}

	/** Adds the alarms of an authorizer. All authorizers share the same sections of the runbook. */
	addAuthorizer(id: string, authorizer: BundledFunction): void {
		for (const definition of alarmsOfFunction('authorizer', authorizer))
			this.add(`${id}-${definition.name}`, definition);
	}

	private add(id: string, definition: AlarmDefinition): void {
		const { topic, runbook, emulator } = this.props;
		const { name, description, metric, threshold, periods, periodsLookedAt } = definition;
		if (emulator && metric.toMetricConfig().mathExpression !== undefined) return;
		const alarm = new Alarm(this, id, {
			alarmDescription: `${description} See ${runbook}#${name}`,
			metric,
			threshold,
			comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			evaluationPeriods: periodsLookedAt ?? (periods === undefined ? 1 : someMinutes),
			datapointsToAlarm: periods ?? 1,
			// Functions publish only what happened. Without data, nothing is wrong.
			treatMissingData: TreatMissingData.NOT_BREACHING,
		});
		if (topic === undefined) return;
		const action = new SnsAction(topic);
		alarm.addAlarmAction(action);
		alarm.addOkAction(action);
	}
}

function definitions(parts: LeaseholdParts): readonly AlarmDefinition[] {
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
			metric: throttled(controlTable.table),
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
	const degraded = writes.map((operation) => functionMetric(bus, 'DegradedWrites', { operation }, { period: minute }));
	return [
		...['dynamodb', 's3'].map((repository) => ({
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
			name: 'session-table-throttled',
			description:
				'DynamoDB throttles the session table. Check for a single busy session, such as a client in a loop, or a sudden rush.',
			metric: throttled(sessionTable.table),
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
			name: 'repairs-in-vain',
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
			// SQS leaves out messages that were received three times or more. `repairs-in-vain`
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

function alarmsOfFunction(name: string, { lambda }: BundledFunction): AlarmDefinition[] {
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

function throttled(table: Table): IMetric {
	const operations = [Operation.GET_ITEM, Operation.PUT_ITEM, Operation.QUERY, Operation.UPDATE_ITEM];
	return table.metricThrottledRequestsForOperations({ operations, period: minute });
}
