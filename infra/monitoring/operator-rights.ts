import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Lets `role` read alarms, dashboards, metrics and the results of log queries. None of these rights
 * can be limited to a resource.
 */
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
