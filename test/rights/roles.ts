import {
	GetRolePolicyCommand,
	type IAMClient,
	ListRolePoliciesCommand,
	ListRolesCommand,
	PutRolePolicyCommand,
} from '@aws-sdk/client-iam';

/** One right of one role of the stack. */
export interface Right {
	/** The role's name in the stack, such as `Bus`. */
	readonly role: string;
	/** For example `dynamodb:GetItem`. */
	readonly action: string;
	/** Which resource it is about, where several statements have the action. */
	readonly resource: string;
	/** Takes the right away. Returns a function that gives it back. */
	takeAway(): Promise<() => Promise<void>>;
}

interface Statement {
	readonly Effect: string;
	readonly Action: string | readonly string[];
	readonly Resource: string | readonly string[];
}

/** Every right that a policy of the stack's roles gives. */
export async function rightsOf(client: IAMClient, roles: readonly string[]): Promise<readonly Right[]> {
	const rights: Right[] = [];
	const { Roles = [] } = await client.send(new ListRolesCommand({ MaxItems: 1_000 }));
	for (const { RoleName = '' } of Roles) {
		const role = roles.find((name) => RoleName.includes(`${name}Role`));
		if (role === undefined) continue;
		const { PolicyNames = [] } = await client.send(new ListRolePoliciesCommand({ RoleName }));
		for (const PolicyName of PolicyNames) {
			const { PolicyDocument = '' } = await client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
			const text = PolicyDocument.startsWith('{') ? PolicyDocument : decodeURIComponent(PolicyDocument);
			const policy = JSON.parse(text) as { readonly Statement: readonly Statement[] };
			const put = async (document: object) => {
				const changed = { RoleName, PolicyName, PolicyDocument: JSON.stringify(document) };
				await client.send(new PutRolePolicyCommand(changed));
			};
			policy.Statement.forEach((statement, index) => {
				for (const action of [statement.Action].flat()) {
					const resource = resourceOf([statement.Resource].flat()[0] ?? '');
					rights.push({
						role,
						action,
						resource,
						takeAway: async () => {
							await put({ ...policy, Statement: without(policy.Statement, index, action) });
							return () => put(policy);
						},
					});
				}
			});
		}
	}
	return rights;
}

function without(statements: readonly Statement[], index: number, action: string): readonly Statement[] {
	const taken = statements[index];
	if (taken === undefined) return statements;
	const left = [taken.Action].flat().filter((other) => other !== action);
	return statements.flatMap((statement, at) => {
		if (at !== index) return [statement];
		return left.length === 0 ? [] : [{ ...statement, Action: left }];
	});
}

/** The part of the resource's name that tells it from others. */
function resourceOf(arn: string): string {
	const known = [
		'ControlTable',
		'SessionTable',
		'sessionbucket',
		'DeadLetters',
		'RepairQueue',
		'Bus',
		':key/',
		':secret:',
	];
	return known.find((name) => arn.includes(name))?.replaceAll(/[:/]/g, '') ?? arn;
}
