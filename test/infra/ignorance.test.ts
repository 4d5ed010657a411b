import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import { authorizerAlias } from '../../functions/bus/deployment/callers.ts';
import { readConfiguration } from '../../infra/settings/configuration.ts';
import type { LeaseholdStack } from '../../infra/stack.ts';
import { nameOf, permissionsOf, resourcePolicies } from './permissions.ts';
import { addGuardedApis, exampleFile, synthesized } from './synthesized.ts';

/*
 * The session server does not know the repositories and cannot reach them (I9). The tests compare
 * complete lists, so that no right can be added unnoticed.
 */

const template = synthesized();

const everyKeyUse =
	'kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey, kms:GenerateDataKeyWithoutPlaintext, kms:ReEncryptFrom, kms:ReEncryptTo';
const via = (service: string) => `if kms:ViaService StringEquals ${service}.AWS::Region.amazonaws.com`;
const leading = (keys: string) => `if dynamodb:LeadingKeys ForAllValues:StringLike ${keys}`;

const everyFunction = (name: string, logKey: 'ControlKey' | 'RepositoryKey') => [
	'Allow sts:AssumeRole to lambda.amazonaws.com',
	`role of the function ${name}Function`,
	`Allow logs:CreateLogStream, logs:PutLogEvents on ${name}Log`,
	// CloudWatch Logs encrypts in the name of the writer.
	`Allow ${everyKeyUse} on ${logKey} ${via('logs')}`,
];

const everyRepository = [
	'Allow s3:ListBucket on SessionBucket',
	`Allow kms:Decrypt, kms:GenerateDataKey on RepositoryKey ${via('s3')}`,
	`Allow kms:Decrypt, kms:GenerateDataKey on RepositoryKey ${via('sqs')}`,
];

const deciding = (name: string, bus: string) =>
	[
		...everyFunction(name, 'ControlKey'),
		`Allow dynamodb:GetItem on ControlTable ${leading('lease#*, copykey#*')}`,
		`Allow dynamodb:PutItem, dynamodb:Query, dynamodb:UpdateItem on ControlTable ${leading('lease#*')}`,
		`Allow dynamodb:Query on ControlTable ${leading('feed#*')}`,
		`Allow lambda:InvokeFunction on ${bus}`,
		'Allow secretsmanager:GetSecretValue on TokenKeysSecret',
		`Allow ${everyKeyUse} on ControlKey ${via('dynamodb')}`,
		`Allow kms:Decrypt on ControlKey ${via('secretsmanager')}`,
	].sort();
const sessionServer = deciding('SessionServer', 'BusFunction');

describe('the session server’s role', () => {
	test('a session server may use leases, read the feed and the keys of carried copies, use the bus, the token keys and its log, and nothing else', () => {
		expect(permissionsOf(template, 'SessionServerRole')).toEqual(sessionServer);
	});

	test('a session server may also read the secrets of its clients at issuers, and no other secret', () => {
		const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:client-AbCdEf';
		const { issuers } = readConfiguration(exampleFile);
		const withClient = issuers.map((issuer) => ({
			...issuer,
			client: { id: String([issuer.audience].flat()[0]), secretArn },
		}));
		const guarded = synthesized({ configuration: { issuers: withClient } });
		expect(permissionsOf(guarded, 'SessionServerRole')).toEqual(
			sessionServer.map((line) => line.replace('GetSecretValue on ', `GetSecretValue on ${secretArn}, `)),
		);
	});

	test.each<[string, (stack: LeaseholdStack) => void]>([
		[
			'a right to read the session table',
			({ leasehold: { parts } }) => parts.sessionTable.table.grantReadData(parts.sessionServer.role),
		],
		[
			'a right to list the bucket',
			({ leasehold: { parts } }) => parts.sessionBucket.bucket.grantRead(parts.sessionServer.role),
		],
		[
			'a right to read another key of the control table',
			({ leasehold: { parts } }) => parts.controlTable.table.grantReadData(parts.sessionServer.role),
		],
		[
			'a right to publish a key of carried copies',
			({ leasehold: { parts } }) => parts.controlTable.grantBus(parts.sessionServer.role),
		],
		[
			'a right to decrypt a repository’s data',
			({ leasehold: { parts } }) => parts.repositoryKey.grantRead(parts.sessionServer.role, 'dynamodb'),
		],
		[
			'an AWS managed policy',
			({ leasehold: { parts } }) =>
				parts.sessionServer.role.addManagedPolicy(
					ManagedPolicy.fromAwsManagedPolicyName('AmazonDynamoDBReadOnlyAccess'),
				),
		],
		[
			'a customer managed policy',
			(stack) =>
				new ManagedPolicy(stack, 'Another', {
					roles: [stack.leasehold.parts.sessionServer.role],
					statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] })],
				}),
		],
		[
			'a bucket policy that names it',
			({ leasehold: { parts } }) =>
				parts.sessionBucket.bucket.addToResourcePolicy(
					new PolicyStatement({
						principals: [parts.sessionServer.role],
						actions: ['s3:GetObject'],
						resources: [parts.sessionBucket.bucket.arnForObjects('*')],
					}),
				),
		],
		[
			'a key policy that names it',
			({ leasehold: { parts } }) =>
				parts.repositoryKey.key.addToResourcePolicy(
					new PolicyStatement({
						principals: [parts.sessionServer.role],
						actions: ['kms:Decrypt'],
						resources: ['*'],
					}),
				),
		],
		[
			'a table policy that names it',
			({ leasehold: { parts } }) =>
				parts.sessionTable.table.addToResourcePolicy(
					new PolicyStatement({
						principals: [parts.sessionServer.role],
						actions: ['dynamodb:GetItem'],
						resources: ['*'],
					}),
				),
		],
		[
			'another principal that may assume it',
			({ leasehold: { parts } }) =>
				parts.sessionServer.role.assumeRolePolicy?.addStatements(
					new PolicyStatement({ principals: [parts.bus.role], actions: ['sts:AssumeRole'] }),
				),
		],
	])('the list of a session server’s rights changes with %s', (_, add) => {
		expect(permissionsOf(synthesized({ add }), 'SessionServerRole')).not.toEqual(sessionServer);
	});
});

describe('an authorizer’s role', () => {
	const guarded = synthesized({ add: addGuardedApis });

	test('an authorizer may do what a session server may, but invokes the bus by an alias, and nothing else', () => {
		expect(permissionsOf(guarded, 'AuthorizerRole')).toEqual(deciding('Authorizer', 'BusAuthorizerAlias'));
	});

	test('the alias is the one for which the bus does less, of the code that session servers also use', () => {
		guarded.hasResourceProperties('AWS::Lambda::Alias', { Name: authorizerAlias, FunctionVersion: '$LATEST' });
		guarded.resourceCountIs('AWS::Lambda::Alias', 1);
		template.resourceCountIs('AWS::Lambda::Alias', 0);
	});

	test('an authorizer asks the bus by the alias, and a session server by the name of the function', () => {
		const busOf = (name: string) => {
			const functions = Object.entries(guarded.findResources('AWS::Lambda::Function'));
			const [, found] = functions.find(([id]) => nameOf(id) === `${name}Function`) ?? [];
			return JSON.stringify(found?.['Properties'].Environment.Variables.LEASEHOLD_BUS_FUNCTION);
		};
		expect(busOf('Authorizer')).toMatch(/^{"Ref":"LeaseholdBusAuthorizerAlias/);
		expect(busOf('SessionServer')).toMatch(/^{"Fn::GetAtt":\["LeaseholdBusFunction[0-9A-F]{8}","Arn"\]}$/);
	});

	test('several APIs share one function, and only those APIs may invoke it as their authorizer', () => {
		guarded.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 2);
		const arn = 'arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId';
		expect(resourcePolicies(guarded).filter((line) => line.startsWith('AuthorizerFunction'))).toEqual(
			['First', 'Second'].map(
				(api) =>
					`AuthorizerFunction: Allow lambda:InvokeFunction to apigateway.amazonaws.com from ${arn}:${api}/authorizers/${api}Authorizer`,
			),
		);
	});
});

describe('the bus’s role', () => {
	test('the bus may use leases, the feed, markers, tallies, every repository, the repair queue and its log, publish keys of carried copies, and nothing else', () => {
		expect(permissionsOf(template, 'BusRole')).toEqual(
			[
				...everyFunction('Bus', 'RepositoryKey'),
				...everyRepository,
				'Allow dynamodb:GetItem, dynamodb:PutItem on SessionTable',
				'Allow s3:GetObject, s3:PutObject on SessionBucket/*',
				`Allow dynamodb:GetItem, dynamodb:UpdateItem on ControlTable ${leading('lease#*, tally#*')}`,
				`Allow dynamodb:PutItem on ControlTable ${leading('feed#*, copykey#*')}`,
				`Allow dynamodb:Query, dynamodb:UpdateItem on ControlTable ${leading('feed#*, missed#*')}`,
				'Allow sqs:SendMessage on RepairQueue',
				`Allow ${everyKeyUse} on ControlKey, RepositoryKey ${via('dynamodb')}`,
			].sort(),
		);
	});
});

describe('the repair function’s role', () => {
	test('repair may use every repository, its queues, its log, and nothing of the control table but markers', () => {
		expect(permissionsOf(template, 'RepairRole')).toEqual(
			[
				...everyFunction('Repair', 'RepositoryKey'),
				...everyRepository,
				'Allow dynamodb:DeleteItem, dynamodb:GetItem, dynamodb:PutItem, dynamodb:Scan on SessionTable',
				`Allow dynamodb:Query, dynamodb:UpdateItem on ControlTable ${leading('missed#*')}`,
				'Allow s3:DeleteObject, s3:GetObject, s3:PutObject on SessionBucket/*',
				'Allow sqs:ChangeMessageVisibility, sqs:DeleteMessage, sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:SendMessage on RepairQueue',
				'Allow sqs:SendMessage on RepairQueueDeadLetters',
				`Allow ${everyKeyUse} on ControlKey, RepositoryKey ${via('dynamodb')}`,
			].sort(),
		);
	});
});

describe('the role of the function that rotates keys', () => {
	test('the rotation function may replace the keys and use its log, and nothing else', () => {
		expect(permissionsOf(template, 'RotateKeysRole')).toEqual(
			[
				...everyFunction('RotateKeys', 'ControlKey'),
				'Allow secretsmanager:DescribeSecret, secretsmanager:GetSecretValue, secretsmanager:PutSecretValue, secretsmanager:UpdateSecretVersionStage on TokenKeysSecret',
				`Allow kms:Decrypt, kms:GenerateDataKey on ControlKey ${via('secretsmanager')}`,
			].sort(),
		);
	});
});

describe('the resources’ own policies', () => {
	test('resources admit only AWS services, and roles of the account that have the right themselves', () => {
		const thisAccount = 'to arn:AWS::Partition:iam::AWS::AccountId:root';
		const logs =
			`Allow ${everyKeyUse} on * to logs.AWS::Region.amazonaws.com ` +
			'if kms:EncryptionContext:aws:logs:arn ArnLike arn:AWS::Partition:logs:AWS::Region:AWS::AccountId:log-group:*';
		const withoutTls = (service: string, resource: string) =>
			`Deny ${service}:* on ${resource} to * if aws:SecureTransport Bool false`;
		expect(resourcePolicies(template)).toEqual(
			[
				`ControlKey: Allow kms:* on * ${thisAccount}`,
				`ControlKey: Allow kms:CreateGrant, kms:Decrypt, kms:DescribeKey, kms:Encrypt, kms:GenerateDataKey*, kms:ReEncrypt* on * ${thisAccount} ${via('secretsmanager')}`,
				`ControlKey: ${logs}`,
				`RepositoryKey: Allow kms:* on * ${thisAccount}`,
				`RepositoryKey: ${logs}`,
				`RepairQueuePolicy: ${withoutTls('sqs', 'RepairQueue')}`,
				`RepairQueueDeadLettersPolicy: ${withoutTls('sqs', 'RepairQueueDeadLetters')}`,
				'RotateKeysFunction: Allow lambda:InvokeFunction to secretsmanager.amazonaws.com from TokenKeysSecret',
				`SessionBucketPolicy: ${withoutTls('s3', 'SessionBucket, SessionBucket/*')}`,
				'SessionBucketPolicy: Deny s3:* on SessionBucket, SessionBucket/* to * if s3:TlsVersion NumericLessThan 1.2',
				'SessionServerFunction: Allow lambda:InvokeFunction to apigateway.amazonaws.com from arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:Api/*/*/*',
				'SessionServerFunction: Allow lambda:InvokeFunction to apigateway.amazonaws.com from arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:Api/*/$default',
			].sort(),
		);
	});
});

describe('the session server’s environment', () => {
	test('it names the control table, the bus and the token keys, and neither a repository nor a repository’s queue or key', () => {
		const [sessionServerFunction] = Object.entries(template.findResources('AWS::Lambda::Function'))
			.filter(([id]) => id.startsWith('LeaseholdSessionServer'))
			.map(([, { Properties }]) => Properties);
		const text = JSON.stringify(sessionServerFunction);
		expect(text).toContain('"LeaseholdControlTable');
		expect(text).toContain('"LeaseholdBusFunction');
		expect(text).not.toMatch(/"Leasehold(SessionTable|SessionBucket|RepairQueue|RepositoryKey)/);
		expect(text).not.toMatch(/LEASEHOLD_(SESSION_(TABLE|BUCKET)|REPAIR)/);
	});
});
