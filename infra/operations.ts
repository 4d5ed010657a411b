import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';

/** Lets `role` search a log. What a query found is had by its id, for which see `grantReadMetrics`. */
export function grantReadLog(role: IRole, log: ILogGroup): void {
	role.addToPrincipalPolicy(
		new PolicyStatement({
			actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
			resources: [log.logGroupArn],
		}),
	);
}

/** Lets `role` see alarms, dashboards and metrics, and what queries of logs found. None of these has a resource to limit it to. */
export function grantReadMetrics(role: IRole): void {
	role.addToPrincipalPolicy(
		new PolicyStatement({
			actions: [
				'cloudwatch:DescribeAlarmHistory',
				'cloudwatch:DescribeAlarms',
				'cloudwatch:GetDashboard',
				'cloudwatch:GetMetricData',
				'cloudwatch:ListDashboards',
				'cloudwatch:ListMetrics',
				'logs:GetQueryResults',
				'logs:StopQuery',
			],
			resources: ['*'],
		}),
	);
}
