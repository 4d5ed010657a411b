import type { Template } from 'aws-cdk-lib/assertions';

interface Resource {
	readonly Type: string;
	readonly Properties?: Readonly<Record<string, unknown>>;
}

/**
 * Everything that a role may do, as one line for each mention of the role in the template: the
 * principal that assumes it, the function that has it, and each statement of its policies. Any
 * other mention is a line as well, so that a test that expects a closed list fails.
 */
export function permissionsOf(template: Template, roleName: string): string[] {
	const resources = resourcesOf(template);
	const role = resources.find(({ name, type }) => name === roleName && type === 'AWS::IAM::Role');
	if (role === undefined) throw new Error(`the template has no role ${roleName}`);
	const lines = resources.flatMap((resource) => (resource === role ? ownLines(role) : linesAbout(resource, role.id)));
	return lines.sort();
}

/** Every statement of the resources' own policies, with the name of the resource. */
export function resourcePolicies(template: Template): string[] {
	return resourcesOf(template)
		.flatMap(({ name, type, properties }) => {
			if (type === 'AWS::Lambda::Permission') return [permissionOf(properties)];
			if (/^AWS::IAM::/.test(type)) return [];
			return Object.entries(properties)
				.filter(([property]) => /Policy(Document)?$/.test(property) && property !== 'RedrivePolicy')
				.flatMap(([, policy]) => statementsOf(policy).map((line) => `${name}: ${line}`));
		})
		.sort();
}

function permissionOf({ FunctionName, Action, Principal, SourceArn }: NamedResource['properties']): string {
	const from = SourceArn === undefined ? '' : ` from ${text(SourceArn)}`;
	return `${text(FunctionName)}: Allow ${text(Action)} to ${text(Principal)}${from}`;
}

/** A logical id without the stack's prefix and the hash at its end. */
export function nameOf(logicalId: string): string {
	return logicalId.replace(/^Leasehold/, '').replace(/[0-9A-F]{8}$/, '');
}

interface NamedResource {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly properties: Readonly<Record<string, unknown>>;
}

function resourcesOf(template: Template): readonly NamedResource[] {
	const resources: Readonly<Record<string, Resource>> = template.toJSON()['Resources'];
	return Object.entries(resources).map(([id, { Type: type, Properties: properties = {} }]) => ({
		id,
		name: nameOf(id),
		type,
		properties,
	}));
}

function ownLines({ properties }: NamedResource): string[] {
	const { AssumeRolePolicyDocument, Policies, Description: _, ...others } = properties;
	const inline = (Policies ?? []) as readonly { PolicyDocument: unknown }[];
	return [
		...statementsOf(AssumeRolePolicyDocument),
		...inline.flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument)),
		...Object.entries(others).map(([property, value]) => `${property}: ${text(value)}`),
	];
}

function linesAbout({ type, name, properties }: NamedResource, roleId: string): string[] {
	if (!mentions(properties, roleId)) return [];
	const { Role, Roles, ...others } = properties;
	if (mentions(others, roleId)) return [`mentioned by the ${type} ${name}`];
	if (type === 'AWS::Lambda::Function') return [`role of the function ${name}`];
	if (type === 'AWS::IAM::Policy' || type === 'AWS::IAM::ManagedPolicy')
		return statementsOf(properties['PolicyDocument']);
	return [`mentioned by the ${type} ${name}`];
}

function mentions(value: unknown, roleId: string): boolean {
	return JSON.stringify(value).includes(`"${roleId}"`);
}

function statementsOf(policy: unknown): string[] {
	const { Statement } = policy as { Statement: readonly Readonly<Record<string, unknown>>[] };
	return Statement.map(({ Sid: _, Effect, Action, Resource, Condition, Principal, ...others }) =>
		[
			`${Effect} ${list(Action)}`,
			...(Resource === undefined ? [] : [`on ${list(Resource)}`]),
			...(Principal === undefined ? [] : [`to ${principal(Principal)}`]),
			...(Condition === undefined ? [] : [`if ${conditions(Condition)}`]),
			...Object.entries(others).map(([key, value]) => `${key} ${text(value)}`),
		].join(' '),
	);
}

function principal(value: unknown): string {
	if (typeof value === 'string') return value;
	return Object.values(value as object)
		.map((one) => list(one))
		.join(', ');
}

function conditions(value: unknown): string {
	return Object.entries(value as Readonly<Record<string, Readonly<Record<string, unknown>>>>)
		.flatMap(([operator, keys]) => Object.entries(keys).map(([key, values]) => `${key} ${operator} ${list(values)}`))
		.join(' and ');
}

function list(value: unknown): string {
	return Array.isArray(value) ? value.map(text).join(', ') : text(value);
}

/** Text of a value. References become the names of their resources. */
function text(value: unknown): string {
	if (typeof value !== 'object' || value === null) return String(value);
	const [[kind, argument] = []] = Object.entries(value);
	if (kind === 'Ref' && typeof argument === 'string') return nameOf(argument);
	if (kind === 'Fn::GetAtt' && Array.isArray(argument)) return nameOf(String(argument[0]));
	if (kind === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(text).join(argument[0]);
	return JSON.stringify(value);
}
