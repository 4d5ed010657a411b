import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { EncryptionKey } from '../constructs/encryption-key.ts';

/**
 * Lets `role` search a log, and use its key through CloudWatch Logs, which decrypts in the name of whoever asks. What a query
 * found is had by its id, for which see `grantReadMetrics`.
 */
export function grantReadLog(role: IRole, log: ILogGroup, encryption: EncryptionKey): void {
	role.addToPrincipalPolicy(
		new PolicyStatement({
			actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:StartQuery'],
			resources: [log.logGroupArn],
		}),
	);
	encryption.grantRead(role, 'logs');
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
