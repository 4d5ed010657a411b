import { IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { denialsSince, type Outcomes, probe, restartFunctions, settings } from './probes.ts';
import { type Right, rightsOf } from './roles.ts';

/*
 * Each right of the stack's roles is taken away in turn. Then a function must say that it was
 * denied, and the part that needs the right must fail.
 */

/** The parts that fail without the right. If there is none, other ways lead to the answer. */
const needed: Readonly<Record<string, readonly (keyof Outcomes)[]>> = {
	'SessionServer dynamodb:GetItem ControlTable': ['failover'],
	'SessionServer dynamodb:PutItem ControlTable': ['failover'],
	'SessionServer dynamodb:UpdateItem ControlTable': ['failover'],
	'SessionServer lambda:InvokeFunction Bus': ['login'],
	'SessionServer secretsmanager:GetSecretValue secret': ['login'],
	'Authorizer dynamodb:GetItem ControlTable': [],
	'Authorizer dynamodb:PutItem ControlTable': [],
	'Authorizer lambda:InvokeFunction Bus': ['authorizer'],
	'Authorizer secretsmanager:GetSecretValue secret': ['authorizer'],
	'Bus dynamodb:GetItem ControlTable': ['failover'],
	'Bus dynamodb:PutItem ControlTable': ['change', 'logout'],
	'Bus dynamodb:GetItem SessionTable': ['list'],
	'Bus dynamodb:PutItem SessionTable': ['change without S3', 'logout'],
	'Bus s3:GetObject sessionbucket': ['logout'],
	'Bus s3:PutObject sessionbucket': ['logout'],
	'Bus sqs:SendMessage RepairQueue': ['change without S3'],
	'Repair dynamodb:Query ControlTable': ['repair'],
	'Repair dynamodb:UpdateItem ControlTable': ['repair'],
	'Repair dynamodb:DeleteItem SessionTable': ['repair'],
	'Repair dynamodb:GetItem SessionTable': ['repair'],
	'Repair dynamodb:PutItem SessionTable': ['repair'],
	'Repair dynamodb:Scan SessionTable': ['repair'],
	'Repair s3:DeleteObject sessionbucket': ['repair'],
	'Repair s3:GetObject sessionbucket': ['repair'],
	'Repair s3:PutObject sessionbucket': ['repair'],
	'Repair s3:ListBucket sessionbucket': ['repair'],
	'Repair sqs:SendMessage DeadLetters': ['repair'],
	'Repair sqs:SendMessage RepairQueue': ['repair'],
	'RotateKeys secretsmanager:DescribeSecret secret': ['rotation'],
	'RotateKeys secretsmanager:GetSecretValue secret': ['rotation'],
	'RotateKeys secretsmanager:UpdateSecretVersionStage secret': ['rotation'],
};

/** Rights that cannot be shown to be needed here. The tests of the template cover them. */
const notShown: Readonly<Record<string, string>> = {
	'SessionServer dynamodb:Query ControlTable': 'two statements have it, which differ in LeadingKeys alone',
	'Authorizer dynamodb:Query ControlTable': 'two statements have it, which differ in LeadingKeys alone',
	'Authorizer dynamodb:UpdateItem ControlTable': 'no lease of the authorizer is renewed while it is tried',
	'Bus dynamodb:Query ControlTable': 'two statements have it, which differ in LeadingKeys alone',
	'Bus dynamodb:UpdateItem ControlTable': 'two statements have it, which differ in LeadingKeys alone',
	'Bus s3:ListBucket sessionbucket': 'MiniStack answers 404 also without it, and S3 answers 403',
	'Repair sqs:ChangeMessageVisibility RepairQueue': 'the trial invokes the function without the queue',
	'Repair sqs:DeleteMessage RepairQueue': "MiniStack's event source does not use the function's role",
	'Repair sqs:GetQueueAttributes RepairQueue': "MiniStack's event source does not use the function's role",
	'Repair sqs:ReceiveMessage RepairQueue': "MiniStack's event source does not use the function's role",
	'RotateKeys secretsmanager:PutSecretValue secret': 'MiniStack stages no version without a value',
};

/** MiniStack does not enforce these for the services that act for a function. */
const unenforced = /^(kms|logs|xray):/;

const iam = new IAMClient(settings);
const rights = new Map<string, Right>();
let asItShouldBe: Outcomes = {};

beforeAll(async () => {
	for (const right of await rightsOf(iam, ['SessionServer', 'Authorizer', 'Bus', 'Repair', 'RotateKeys']))
		if (!unenforced.test(right.action)) rights.set(`${right.role} ${right.action} ${right.resource}`, right);
	asItShouldBe = await probe(true);
});
afterAll(() => iam.destroy());

test('with all rights, everything works and nothing is denied', async () => {
	const { failover, ...others } = asItShouldBe;
	expect(failover).toBe('204 failover');
	expect(others).toEqual({
		login: '201',
		'cold decision': '204',
		change: '200',
		list: '200',
		authorizer: '200',
		'failover to the authorizer': '200',
		'change without S3': '200',
		repair: 'done, done, done, done, done, done',
		logout: '204',
		rotation: 'done',
	});
	expect(await denialsSince(0)).toEqual([]);
});

test('the table has every right of the roles', () => {
	expect([...rights.keys()].sort()).toEqual([...Object.keys(needed), ...Object.keys(notShown)].sort());
});

test.each(Object.entries(needed))('without %s, %j fails, and a line says why', async (name, failing) => {
	const right = rights.get(name);
	if (right === undefined) throw new Error(`no role has the right ${name}`);
	const giveBack = await right.takeAway();
	try {
		await restartFunctions();
		const begunAt = Date.now();
		const outcomes = await probe(right.resource === 'ControlTable');
		for (const what of failing) expect(outcomes[what], what).not.toBe(asItShouldBe[what]);
		const denials = await denialsSince(begunAt);
		expect(
			denials.filter((line) => line.includes(`${right.role}Role`) && line.includes(`perform: ${right.action}`)),
		).not.toEqual([]);
	} finally {
		await giveBack();
		await restartFunctions();
	}
});
