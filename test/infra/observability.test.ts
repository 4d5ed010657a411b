import { readFileSync } from 'node:fs';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { delaySecondsAfter, deliveriesMax } from '../../functions/repair/deployment/retries.ts';
import { permissionsOf } from './permissions.ts';
import { synthesized } from './synthesized.ts';

const template = synthesized({
	configuration: { alarmsTopicArn: 'arn:aws:sns:us-east-1:123456789012:alarms' },
	add: ({ leasehold }) => leasehold.authorizer(),
});

interface Alarm {
	readonly AlarmDescription: string;
	readonly AlarmActions?: readonly string[];
	readonly Metrics?: unknown;
	readonly TreatMissingData: string;
}

function alarmsOf(of: Template): readonly Alarm[] {
	return Object.values(of.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);
}

function fragmentOf({ AlarmDescription }: Alarm): string {
	return AlarmDescription.slice(AlarmDescription.indexOf('#') + 1);
}

describe('alarms', () => {
	test('each alarm has a section of the runbook, and each section has an alarm', () => {
		const runbook = readFileSync(new URL('../../docs/operate/runbook.md', import.meta.url), 'utf8');
		const sections = [...runbook.matchAll(/^### (\S+)$/gm)].map(([, heading]) => heading);
		expect(alarmsOf(template).map(fragmentOf).sort()).toEqual(sections.sort());
	});

	test('alarms notify the topic when they start and when they end, and nobody if there is no topic', () => {
		for (const alarm of alarmsOf(template))
			expect(alarm).toMatchObject({
				AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
				OKActions: ['arn:aws:sns:us-east-1:123456789012:alarms'],
				TreatMissingData: 'notBreaching',
			});
		for (const alarm of alarmsOf(synthesized())) expect(alarm).not.toHaveProperty('AlarmActions');
	});

	test('alarms on metrics of DynamoDB end, because gaps in them count as 0', () => {
		const onTables = alarmsOf(template).filter((alarm) => JSON.stringify(alarm).includes('AWS/DynamoDB'));
		expect(onTables.map(fragmentOf).sort()).toEqual(['control-table-throttled', 'session-table-throttled']);
		for (const { Metrics } of onTables)
			expect(Metrics).toContainEqual(
				expect.objectContaining({ Expression: expect.stringMatching(/^FILL\(m0, 0\)( \+ FILL\(m\d, 0\))+$/) }),
			);
	});

	test.each([
		['control-table-throttled', 'ControlTable'],
		['session-table-throttled', 'SessionTable'],
	])('the alarm %s watches every operation that a role may use on the table', (name, table) => {
		const alarm = alarmsOf(template).find((one) => fragmentOf(one) === name);
		const watched = [...JSON.stringify(alarm).matchAll(/"Operation","Value":"(\w+)"/g)].map(
			([, operation]) => operation,
		);
		const roles = ['SessionServerRole', 'AuthorizerRole', 'BusRole', 'RepairRole'];
		const allowed = roles.flatMap((role) =>
			permissionsOf(template, role)
				.filter((line) => line.includes(`on ${table}`))

				.flatMap((line) => [...line.replace(/ if .*/, '').matchAll(/dynamodb:(\w+)/g)].map(([, action]) => action)),
		);
		expect(watched.sort()).toEqual([...new Set(allowed)].sort());
	});

	test('the alarm on the age of repairs evaluates more time than passes between two tries', () => {
		const [alarm] = Object.values(template.findResources('AWS::CloudWatch::Alarm'))
			.map(({ Properties }) => Properties)
			.filter(({ MetricName }) => MetricName === 'RepairAge');
		expect(alarm).toMatchObject({ Statistic: 'Maximum', Threshold: 900_000, DatapointsToAlarm: 1 });
		expect(alarm?.['Period'] * alarm?.['EvaluationPeriods']).toBeGreaterThan(delaySecondsAfter(deliveriesMax));
	});

	test('alarms over sums of metrics, and no others, are left out for emulators', () => {
		const sums = alarmsOf(template).filter(({ Metrics }) => Metrics !== undefined);
		const emulated = alarmsOf(synthesized({ emulator: true, add: ({ leasehold }) => leasehold.authorizer() })).map(
			fragmentOf,
		);
		expect(sums.length).toBeGreaterThan(0);
		expect([...emulated, ...sums.map(fragmentOf)].sort()).toEqual(alarmsOf(template).map(fragmentOf).sort());
	});
});

describe('the dashboard', () => {
	test('the dashboard shows the metrics of every function', () => {
		const [dashboard] = Object.values(template.findResources('AWS::CloudWatch::Dashboard'));
		const body = JSON.stringify(dashboard?.['Properties']['DashboardBody']);
		for (const metric of [
			'Decisions',
			'Refusals',
			'Failovers',
			'Staleness',
			'RepositoryTime',
			'DegradedWrites',
			'Repairs',
			'RepairAge',
		])
			expect(body).toContain(metric);
	});
});

describe('an authorizer', () => {
	test('each authorizer has its own row of the dashboard and its own alarms', () => {
		const two = synthesized({
			add: ({ leasehold }) => {
				leasehold.authorizer();
				leasehold.authorizer('notes');
			},
		});
		const [dashboard] = Object.values(two.findResources('AWS::CloudWatch::Dashboard'));
		const body = JSON.stringify(dashboard?.['Properties']['DashboardBody']);
		for (const name of ['Decisions of Authorizer', 'Decisions of Authorizer-notes']) expect(body).toContain(name);
		expect(
			alarmsOf(two)
				.map(fragmentOf)
				.filter((name) => name === 'authorizer-failing'),
		).toHaveLength(2);
	});
});
