import { readFileSync } from 'node:fs';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import type { LeaseholdStack } from '../../infra/stack.ts';
import { permissionsOf } from './permissions.ts';
import { synthesized } from './synthesized.ts';

/** Rights of an operator's role that is granted them before or after an authorizer is created. */
function operations(order: 'before' | 'after'): string[] {
	const add = (stack: LeaseholdStack) => {
		const role = new Role(stack, 'OnCall', { assumedBy: new AccountRootPrincipal() });
		if (order === 'after') stack.leasehold.authorizer();
		stack.leasehold.grantOperations(role);
		if (order === 'before') stack.leasehold.authorizer();
	};
	return permissionsOf(synthesized({ add }), 'OnCall');
}

const logs = ['ApiAccess', 'Authorizer', 'Bus', 'Repair', 'RotateKeys', 'SessionServer'].map((name) => `${name}Log`);

test.each(['before', 'after'] as const)(
	'operators can do what the runbook asks and cannot read sessions, if granted %s an authorizer is created',
	(order) => {
		const lines = operations(order);
		const searches = lines.filter((line) => line.includes('logs:StartQuery'));
		const others = lines.filter((line) => !line.includes('logs:StartQuery'));
		for (const log of logs) expect(searches.join()).toContain(log);
		const via = (service: string) => `if kms:ViaService StringEquals ${service}.AWS::Region.amazonaws.com`;
		expect(others).toEqual(
			[
				'Allow sts:AssumeRole to arn:AWS::Partition:iam::AWS::AccountId:root',
				'Allow cloudwatch:DescribeAlarmHistory, cloudwatch:DescribeAlarms, cloudwatch:GetDashboard, cloudwatch:GetMetricData, cloudwatch:ListDashboards, cloudwatch:ListMetrics, logs:GetQueryResults, logs:StopQuery on *',
				'Allow lambda:InvokeFunction on RotateKeysFunction',
				'Allow secretsmanager:DescribeSecret, secretsmanager:RotateSecret on TokenKeysSecret',
				'Allow sqs:CancelMessageMoveTask, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:ListMessageMoveTasks, sqs:ReceiveMessage, sqs:StartMessageMoveTask on RepairQueueDeadLetters',
				'Allow sqs:GetQueueAttributes, sqs:GetQueueUrl, sqs:SendMessage on RepairQueue',
				`Allow kms:Decrypt, kms:GenerateDataKey on RepositoryKey ${via('sqs')}`,
				`Allow kms:Decrypt, kms:DescribeKey on ControlKey, RepositoryKey ${via('logs')}`,
			].sort(),
		);
	},
);

describe('the runbook', () => {
	const runbook = readFileSync(new URL('../../docs/operate/runbook.md', import.meta.url), 'utf8');

	test('the runbook names the destination of dead letters, which SQS does not know if the repair function sent them', () => {
		const commands = [...runbook.matchAll(/^aws sqs start-message-move-task .*$/gm)].map(([command]) => command);
		expect(commands).toEqual([expect.stringContaining('--destination-arn ')]);
	});

	test('the runbook names resources as the outputs of the stack do', () => {
		const printed = Object.keys(synthesized().findOutputs('*'));
		const named = [...runbook.matchAll(/^aws (?:sqs|secretsmanager) .*$/gm)].flatMap(([command]) =>
			[...command.matchAll(/ ([A-Z][a-z]+[A-Z]\w+)/g)].map(([, name]) => name),
		);
		expect(named.length).toBeGreaterThan(0);
		for (const name of named) expect(printed).toContain(name);
	});
});
