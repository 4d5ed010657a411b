import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { BundledFunction } from '../functions/bundled-function.ts';
import type { LeaseholdParts } from '../parts.ts';
import { type AlarmDefinition, alarmDefinitions, alarmsOfFunction } from './alarm-definitions.ts';

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

/** How many periods are evaluated for an alarm that needs several bad ones. */
const someMinutes = 5;

/**
 * Alarms that need a person, each with its section of the runbook. Transient failures do not count
 * if they mend themselves.
 */
export class Alarms extends Construct {
	private readonly props: AlarmsProps;

	constructor(scope: Construct, id: string, props: AlarmsProps) {
		super(scope, id);
		this.props = props;
		for (const definition of alarmDefinitions(props.parts)) this.add(definition.name, definition);
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
