import { type IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import type { Access } from './step.ts';

export interface SimulationOptions {
	readonly region: string;
	/** ARNs. */
	readonly sessionServerRole: string;
	readonly busRole: string;
	readonly table: string;
	readonly key: string;
}

/**
 * Asks IAM about each condition once with a value that it names and once with another one. An
 * access that is denied for another reason would otherwise look like a condition that works.
 */
export async function simulatedAccess(
	client: Pick<IAMClient, 'send'>,
	{ region, sessionServerRole, busRole, table, key }: SimulationOptions,
): Promise<readonly Access[]> {
	const leading = (name: string, role: string, action: string, value: string, expected: boolean) =>
		({
			name,
			role,
			action,
			resource: table,
			condition: { ContextKeyName: 'dynamodb:LeadingKeys', ContextKeyType: 'stringList', ContextKeyValues: [value] },
			expected,
		}) as const;
	const via = (name: string, role: string, service: string, expected: boolean) =>
		({
			name,
			role,
			action: 'kms:Decrypt',
			resource: key,
			condition: {
				ContextKeyName: 'kms:ViaService',
				ContextKeyType: 'string',
				ContextKeyValues: [`${service}.${region}.amazonaws.com`],
			},
			expected,
		}) as const;
	const direct = (name: string, role: string) =>
		({ name, role, action: 'kms:Decrypt', resource: key, condition: undefined, expected: false }) as const;
	const questions = [
		leading('session server', sessionServerRole, 'dynamodb:GetItem', 'lease#0', true),
		leading('session server', sessionServerRole, 'dynamodb:GetItem', 'feed#0', false),
		leading('session server', sessionServerRole, 'dynamodb:PutItem', 'feed#0', false),
		leading('session server', sessionServerRole, 'dynamodb:GetItem', 'copykey#0', true),
		leading('session server', sessionServerRole, 'dynamodb:PutItem', 'copykey#0', false),
		leading('session server', sessionServerRole, 'dynamodb:Query', 'other#0', false),
		leading('bus', busRole, 'dynamodb:PutItem', 'feed#0', true),
		leading('bus', busRole, 'dynamodb:PutItem', 'copykey#0', true),
		leading('bus', busRole, 'dynamodb:PutItem', 'lease#0', false),
		via('session server', sessionServerRole, 'dynamodb', true),
		via('session server', sessionServerRole, 'ec2', false),
		direct('session server', sessionServerRole),
		direct('bus', busRole),
	];
	const accesses: Access[] = [];
	for (const { name, role, action, resource, condition, expected } of questions) {
		const { EvaluationResults: results = [] } = await client.send(
			new SimulatePrincipalPolicyCommand({
				PolicySourceArn: role,
				ActionNames: [action],
				ResourceArns: [resource],
				...(condition === undefined
					? {}
					: { ContextEntries: [{ ...condition, ContextKeyValues: [...condition.ContextKeyValues] }] }),
			}),
		);
		if (results.length === 0) throw new Error(`IAM gave no result for ${action}`);
		const allowed = results.every(({ EvalDecision }) => EvalDecision === 'allowed');
		const value = condition?.ContextKeyValues[0] ?? 'no service between';
		accesses.push({ access: `${name}, ${action}, ${value}`, expected, allowed });
	}
	return accesses;
}
