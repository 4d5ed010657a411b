import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, type IWidget, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { BundledFunction } from '../functions/bundled-function.ts';
import type { LeaseholdParts } from '../parts.ts';
import { functionMetric, writes } from './function-metrics.ts';

export interface SessionDashboardProps {
	readonly parts: LeaseholdParts;
	/** Address of the runbook. */
	readonly runbook: string;
}

const period = Duration.minutes(1);

/**
 * One page for all components, in the order in which a request passes them: from the API to the
 * repositories.
 */
export class SessionDashboard extends Construct {
	private readonly dashboard: Dashboard;

	constructor(scope: Construct, id: string, { parts, runbook }: SessionDashboardProps) {
		super(scope, id);
		this.dashboard = new Dashboard(this, 'Dashboard', {
			defaultInterval: Duration.hours(3),
			widgets: [
				[new TextWidget({ markdown: `# Leasehold\nRunbook: ${runbook}`, width: 24, height: 2 })],
				decisionWidgets(parts),
				failoverWidgets(parts),
				busWidgets(parts),
				repairWidgets(parts),
			],
		});
	}

	/** Adds a row for an authorizer. */
	addAuthorizer(id: string, authorizer: BundledFunction): void {
		const { lambda } = authorizer;
		const decisions = (outcome: string, source: string) =>
			functionMetric(authorizer, 'Decisions', { outcome, source }, { period, label: `${outcome} ${source}` });
		this.dashboard.addWidgets(
			graph(`Decisions of ${id}`, [
				...['memory', 'borrowed', 'failover', 'reloaded'].map((source) => decisions('allowed', source)),
				decisions('unavailable', 'none'),
			]),
			graph(`Staleness at ${id}`, [functionMetric(authorizer, 'Staleness', {}, { period, label: 'p99' })]),
			graph(`Duration of ${id}`, [lambda.metricDuration({ period, statistic: 'p99', label: 'p99' })]),
			graph(`Errors of ${id}`, [lambda.metricErrors({ period }), lambda.metricThrottles({ period })]),
		);
	}
}

/** The refusals of which many say something: about attacks, broken clients, or a deployment. */
const refusals = [
	'session_malformed',
	'session_unknown',
	'id_token_refused',
	'cross_origin_refused',
	'request_malformed',
	'route_unknown',
];

function decisionWidgets({ api, sessionServer }: LeaseholdParts): IWidget[] {
	const decisions = (outcome: string, source: string) =>
		functionMetric(sessionServer, 'Decisions', { outcome, source }, { period, label: `${outcome} ${source}` });
	const sources = ['memory', 'borrowed', 'failover', 'reloaded'];
	return [
		graph('Requests', [api.stage.metricCount({ period }), api.stage.metricServerError({ period })]),
		graph('Decisions', [
			...sources.map((source) => decisions('allowed', source)),
			...sources.map((source) => decisions('refused', source)),
			decisions('unavailable', 'none'),
		]),
		graph(
			'Refusals',
			refusals.map((code) => functionMetric(sessionServer, 'Refusals', { code }, { period, label: code })),
		),
		graph('Latency of the API', [
			api.stage.metricLatency({ period, statistic: 'p50', label: 'p50' }),
			api.stage.metricLatency({ period, statistic: 'p99', label: 'p99' }),
		]),
	];
}

function failoverWidgets({ sessionServer, controlTable }: LeaseholdParts): IWidget[] {
	return [
		graph('Failovers and seals', [
			functionMetric(sessionServer, 'Failovers', {}, { period }),
			functionMetric(sessionServer, 'Takeovers', {}, { period }),
			functionMetric(sessionServer, 'Seals', {}, { period }),
		]),
		graph('Staleness of decisions', [
			functionMetric(sessionServer, 'Staleness', {}, { period, statistic: 'p50', label: 'p50' }),
			functionMetric(sessionServer, 'Staleness', {}, { period, label: 'p99' }),
		]),
		graph('Copies in memory', [
			functionMetric(sessionServer, 'Copies', {}, { period, statistic: 'Maximum' }),
			functionMetric(sessionServer, 'Evictions', {}, { period }),
		]),
		graph('Control table', [
			controlTable.table.metricConsumedReadCapacityUnits({ period, label: 'reads' }),
			controlTable.table.metricConsumedWriteCapacityUnits({ period, label: 'writes' }),
		]),
	];
}

function busWidgets({ bus, sessionServer }: LeaseholdParts): IWidget[] {
	const repositories = ['dynamodb', 's3'];
	const operations = ['read', 'list', ...writes];
	return [
		graph(
			'Duration of bus operations, p99',
			operations.map((operation) => functionMetric(bus, 'MessageTime', { operation }, { period, label: operation })),
		),
		graph(
			'Duration of repository loads, p99',
			repositories.map((repository) =>
				functionMetric(bus, 'RepositoryTime', { repository }, { period, label: repository }),
			),
		),
		graph('Repository failures and hedged reads', [
			...repositories.map((repository) =>
				functionMetric(bus, 'RepositoryFailures', { repository }, { period, label: repository }),
			),
			functionMetric(bus, 'HedgedReads', {}, { period }),
		]),
		graph('Concurrent executions', [
			sessionServer.lambda.metric('ConcurrentExecutions', {
				period,
				statistic: 'Maximum',
				label: 'session servers',
			}),
			bus.lambda.metric('ConcurrentExecutions', { period, statistic: 'Maximum', label: 'bus' }),
		]),
	];
}

function repairWidgets({ bus, repair, repairQueue }: LeaseholdParts): IWidget[] {
	const degraded = writes.map((operation) =>
		functionMetric(bus, 'DegradedWrites', { operation }, { period, label: operation }),
	);
	return [
		graph('Degraded writes', degraded),
		graph('Repairs that wait or were given up', [
			repairQueue.queue.metricApproximateNumberOfMessagesVisible({ period, label: 'waiting' }),
			repairQueue.deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: 'given up' }),
		]),
		graph('Age of repairs that failed', [
			functionMetric(repair, 'RepairAge', {}, { period, statistic: 'Maximum', label: 'oldest' }),
		]),
		graph('Repairs', [
			functionMetric(repair, 'Repairs', { outcome: 'repaired' }, { period, label: 'repaired' }),
			functionMetric(repair, 'Repairs', { outcome: 'retry' }, { period, label: 'to be retried' }),
		]),
	];
}

function graph(title: string, left: IMetric[]): GraphWidget {
	return new GraphWidget({ title, left, width: 6, height: 6 });
}
