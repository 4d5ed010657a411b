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
	/** Who is told; nobody unless given. */
	readonly topic?: ITopic | undefined;
	/** Where the runbook is, without a fragment. */
	readonly runbook: string;
	/** Whether alarms over sums of metrics are left out, which emulators do not know. */
	readonly emulator: boolean;
}

interface AlarmDefinition {
	/** Also the runbook's fragment. */
	readonly name: string;
	readonly description: string;
	readonly metric: IMetric;
	/** From this value on it counts. */
	readonly threshold: number;
	/** In how many of the periods looked at; the first one that has it unless given. */
	readonly periods?: number;
	/** How many periods are looked at; five, or one where the first one counts, unless given. */
	readonly periodsLookedAt?: number;
}

const minute = Duration.minutes(1);
const someMinutes = 5;

/** A repository that is away for longer than this leaves sessions leaning on the other one. */
const repairAgeMax = Duration.minutes(15);

/** A repair comes again, and is measured, once in this time at the least. */
const betweenRepairs = Duration.seconds(delaySecondsMax);

/** What somebody should know of, each with its part of the runbook. Moments do not count, unless nothing mends them. */
export class Alarms extends Construct {
	private readonly props: AlarmsProps;

	constructor(scope: Construct, id: string, props: AlarmsProps) {
		super(scope, id);
		this.props = props;
		for (const definition of definitions(props.parts)) this.add(definition.name, definition);
	}

	/** Adds the alarms of an authorizer, which share their parts of the runbook with those of others. */
	addAuthorizer(id: string, authorizer: BundledFunction): void {
		for (const definition of alarmsOfFunction('authorizer', authorizer))
			this.add(`${id}-${definition.name}`, definition);
	}

	private add(id: string, definition: AlarmDefinition): void {
		const { topic, runbook, emulator } = this.props;
		const { name, description, metric, threshold, periods, periodsLookedAt } = definition;
		if (emulator && metric.toMetricConfig().mathExpression !== undefined) return;
		const alarm = new Alarm(this, id, {
			alarmDescription: `${description} ${runbook}#${name}`,
			metric,
			threshold,
			comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
			evaluationPeriods: periodsLookedAt ?? (periods === undefined ? 1 : someMinutes),
			datapointsToAlarm: periods ?? 1,
			// Functions publish what happened; where nothing did, nothing is wrong.
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
			description: 'Clients are answered 503: neither let in nor turned away.',
			metric: functionMetric(sessionServer, 'Decisions', unavailable, { period: minute }),
			threshold: 5,
			periods: 2,
		},
		{
			name: 'api-failing',
			description: 'The API answers with 5xx.',
			metric: api.stage.metricServerError({ period: minute, statistic: 'Sum' }),
			threshold: 5,
			periods: 3,
		},
		{
			name: 'control-table-throttled',
			description: 'Leases and the feed are throttled: memory may not be trusted in time.',
			metric: throttled(controlTable.table),
			threshold: 1,
			periods: 3,
		},
		{
			name: 'memory-too-small',
			description: 'Copies leave memory for want of room, and have to be borrowed again.',
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
			description: `The ${repository} repository does not answer, or not with anything readable.`,
			metric: functionMetric(bus, 'RepositoryFailures', { repository }, { period: minute }),
			threshold: 5,
			periods: 3,
		})),
		{
			name: 'writes-degraded',
			description: 'Writes are acknowledged by one repository alone, with repairs queued for the other.',
			metric: sumOf(degraded, { period: minute, label: 'degraded writes' }),
			threshold: 1,
			periods: 3,
		},
		{
			name: 'session-table-throttled',
			description: 'The DynamoDB repository is throttled.',
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
			description: 'Repairs were given up: these sessions lean on one repository until somebody moves them back.',
			metric: repairQueue.deadLetters.metricApproximateNumberOfMessagesVisible({
				period: minute,
				statistic: 'Maximum',
			}),
			threshold: 1,
		},
		{
			name: 'repairs-in-vain',
			description: 'Repairs have been tried for long: a repository is away.',
			metric: functionMetric(repair, 'RepairAge', {}, { period: betweenRepairs, statistic: 'Maximum' }),
			threshold: repairAgeMax.toMilliseconds(),
			// One period may have no value, between two deliveries.
			periodsLookedAt: 2,
		},
		{
			name: 'repairs-waiting',
			description: 'Nobody takes repairs from the queue: the repair function fails, is throttled or is not invoked.',
			// Without those that were received three times, which are those of `repairs-in-vain`.
			metric: repairQueue.queue.metricApproximateAgeOfOldestMessage({ period: minute, statistic: 'Maximum' }),
			threshold: repairAgeMax.toSeconds(),
		},
	];
}

function functionAlarms({ sessionServer, bus, repair, rotateKeys }: LeaseholdParts): AlarmDefinition[] {
	const functions = { 'session-server': sessionServer, bus, repair, 'rotate-keys': rotateKeys };
	return Object.entries(functions).flatMap(([name, part]) => alarmsOfFunction(name, part));
}

function alarmsOfFunction(name: string, { lambda }: BundledFunction): AlarmDefinition[] {
	return [
		{
			name: `${name}-failing`,
			description: `The function ${name} fails or takes too long.`,
			metric: lambda.metricErrors({ period: minute, statistic: 'Sum' }),
			threshold: 1,
			...(name === 'rotate-keys' ? {} : { periods: 2 }),
		},
		{
			name: `${name}-throttled`,
			description: `The function ${name} gets no execution: its own or the account's concurrency is used up.`,
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
