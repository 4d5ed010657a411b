import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { routes } from '../../functions/session-server/deployment/routes.ts';
import { nameOf } from './permissions.ts';
import { synthesized } from './synthesized.ts';

const template = synthesized({ add: ({ leasehold }) => leasehold.authorizer() });

function functionOf(name: string, of: Template = template) {
	const found = Object.entries(of.findResources('AWS::Lambda::Function')).find(
		([id]) => nameOf(id) === `${name}Function`,
	);
	if (found === undefined) throw new Error(`there is no function ${name}`);
	return found[1]['Properties'];
}

function variablesOf(name: string, of: Template = template): Readonly<Record<string, unknown>> {
	return functionOf(name, of)['Environment']['Variables'];
}

/** The deletion policy of each resource that holds data. */
function fates(of: Template): Record<string, unknown> {
	const holders = /^AWS::(DynamoDB::Table|S3::Bucket|SQS::Queue|KMS::Key|SecretsManager::Secret|Logs::LogGroup)$/;
	const resources: Readonly<Record<string, { Type: string; DeletionPolicy?: string }>> = of.toJSON()['Resources'];
	return Object.fromEntries(
		Object.entries(resources)
			.filter(([, { Type }]) => holders.test(Type))
			.map(([id, { DeletionPolicy }]) => [nameOf(id), DeletionPolicy]),
	);
}

describe('the API', () => {
	test('the API has the routes of the session server and a default route, and all lead to the session server', () => {
		const integrations = Object.keys(template.findResources('AWS::ApiGatewayV2::Integration'));
		expect(integrations).toHaveLength(1);
		const found = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => Properties);
		const keys = found.map(({ RouteKey }) => RouteKey).sort();
		expect(keys).toEqual(['$default', ...routes.map(({ method, path }) => `${method} ${path}`)].sort());
		for (const { Target } of found) expect(JSON.stringify(Target)).toContain(integrations[0]);
		template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
	});

	test('the API is throttled, and logs no part of a request that could contain a token', () => {
		const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
		expect(stage?.['Properties']['DefaultRouteSettings']).toMatchObject({
			ThrottlingRateLimit: 1_000,
			ThrottlingBurstLimit: 1_000,
		});
		const format = String(stage?.['Properties']['AccessLogSettings']['Format']);
		expect(format).toContain('$context.requestId');
		expect(format).not.toMatch(/header|query|cookie|\$context\.path\b|authorizer/i);
	});

	test('the access log has the request id that the session server logs and the client gets', () => {
		const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
		const format = JSON.parse(stage?.['Properties']['AccessLogSettings']['Format']);
		expect(format).toMatchObject({ id: '$context.requestId' });
	});

	test('the access log has a name that API Gateway needs no place in the account’s policy for', () => {
		const names = (of: Template) =>
			Object.values(of.findResources('AWS::Logs::LogGroup')).flatMap(
				({ Properties }) => Properties['LogGroupName'] ?? [],
			);
		expect(names(template)).toEqual([expect.stringMatching(/^\/aws\/vendedlogs\/leasehold\/Leasehold\/./)]);
	});

	test('metrics for each route are published only if they are wanted', () => {
		const detailed = (of: Template) =>
			Object.values(of.findResources('AWS::ApiGatewayV2::Stage')).map(
				({ Properties }) => Properties['DefaultRouteSettings']['DetailedMetricsEnabled'],
			);
		expect(detailed(template)).toEqual([false]);
		expect(detailed(synthesized({ configuration: { detailedMetrics: true } }))).toEqual([true]);
	});

	test('an API with a domain name cannot be reached by API Gateway’s name', () => {
		const named = synthesized({
			configuration: {
				domain: {
					name: 'sessions.example.com',
					certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/one',
					hostedZone: { id: 'Z1', name: 'example.com' },
				},
			},
		});
		named.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
		named.hasResourceProperties('AWS::ApiGatewayV2::DomainName', { DomainName: 'sessions.example.com' });
		named.hasResourceProperties('AWS::Route53::RecordSet', { Name: 'sessions.example.com.' });
		named.hasOutput('Url', { Value: 'https://sessions.example.com' });
		named.hasOutput('DomainTarget', { Value: { 'Fn::GetAtt': Match.arrayWith(['RegionalDomainName']) } });
	});
});

describe('data', () => {
	test('all data is encrypted with customer keys that are rotated', () => {
		for (const { Properties } of Object.values(template.findResources('AWS::KMS::Key')))
			expect(Properties).toMatchObject({ EnableKeyRotation: true });
		template.allResourcesProperties('AWS::DynamoDB::Table', {
			SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
		});
		template.allResourcesProperties('AWS::SQS::Queue', { KmsMasterKeyId: Match.anyValue() });
		template.allResourcesProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue(), RetentionInDays: 90 });
		template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
		template.allResourcesProperties('AWS::S3::Bucket', {
			BucketEncryption: {
				ServerSideEncryptionConfiguration: [
					{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
				],
			},
			PublicAccessBlockConfiguration: {
				BlockPublicAcls: true,
				BlockPublicPolicy: true,
				IgnorePublicAcls: true,
				RestrictPublicBuckets: true,
			},
		});
	});

	test('when the stack is deleted, everything but the logs is retained, and tables are protected from deletion', () => {
		const { ControlTable, SessionTable, SessionBucket, TokenKeysSecret, ...others } = fates(template);
		expect({ ControlTable, SessionTable, SessionBucket, TokenKeysSecret }).toEqual({
			ControlTable: 'Retain',
			SessionTable: 'Retain',
			SessionBucket: 'Retain',
			TokenKeysSecret: 'Retain',
		});
		expect(others).toEqual({
			ControlKey: 'Retain',
			RepositoryKey: 'Retain',
			RepairQueue: 'Retain',
			RepairQueueDeadLetters: 'Retain',
			ApiAccessLog: 'Delete',
			AuthorizerLog: 'Delete',
			BusLog: 'Delete',
			RepairLog: 'Delete',
			RotateKeysLog: 'Delete',
			SessionServerLog: 'Delete',
		});
		template.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
	});

	test('with data: delete, everything is deleted with the stack', () => {
		const deleted = synthesized({ configuration: { data: 'delete' } });
		expect(new Set(Object.values(fates(deleted)))).toEqual(new Set(['Delete']));
		deleted.allResourcesProperties('AWS::DynamoDB::Table', { DeletionProtectionEnabled: false });
		deleted.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
		template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
		synthesized({ configuration: { data: 'delete' }, emulator: true }).resourceCountIs(
			'Custom::S3AutoDeleteObjects',
			0,
		);
	});

	test('expired data is collected by time to live and by a lifecycle rule', () => {
		template.allResourcesProperties('AWS::DynamoDB::Table', {
			TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
			KeySchema: [
				{ AttributeName: 'pk', KeyType: 'HASH' },
				{ AttributeName: 'sk', KeyType: 'RANGE' },
			],
		});
		template.hasResourceProperties('AWS::S3::Bucket', {
			LifecycleConfiguration: { Rules: [{ ExpirationInDays: 37, Status: 'Enabled' }] },
			VersioningConfiguration: Match.absent(),
		});
	});

	test('the session table, and no other, has point-in-time recovery', () => {
		template.resourcePropertiesCountIs(
			'AWS::DynamoDB::Table',
			{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
			1,
		);
	});
});

describe('a function URL', () => {
	test('is in no stack but one for an emulator, because anybody may call it past the API', () => {
		for (const production of [template, synthesized({ configuration: { data: 'delete' } })]) {
			production.resourceCountIs('AWS::Lambda::Url', 0);
			production.resourcePropertiesCountIs('AWS::Lambda::Permission', { FunctionUrlAuthType: Match.anyValue() }, 0);
			production.resourcePropertiesCountIs('AWS::Lambda::Permission', { Principal: '*' }, 0);
			expect(production.findOutputs('FunctionUrl')).toEqual({});
		}
	});

	test('leads to the session servers of a stack for an emulator, and is an output', () => {
		const emulated = synthesized({ emulator: true });
		const urls = emulated.findResources('AWS::Lambda::Url');
		const [[id, url] = []] = Object.entries(urls);
		expect(Object.keys(urls)).toHaveLength(1);
		expect(url).toMatchObject({
			Properties: {
				AuthType: 'NONE',
				TargetFunctionArn: { 'Fn::GetAtt': [expect.stringContaining('SessionServer'), 'Arn'] },
			},
		});
		emulated.hasOutput('FunctionUrl', { Value: { 'Fn::GetAtt': [id, 'FunctionUrl'] } });
	});
});

describe('token keys', () => {
	test('token keys are replaced every month, except on emulators, which do not support the schedule', () => {
		template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
			RotationRules: { AutomaticallyAfterDays: 30 },
		});
		synthesized({ emulator: true }).resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
	});

	test('no environment contains a token key', () => {
		expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
	});
});

describe('repairs', () => {
	test('a repair waits for up to two weeks, is delivered up to 1,000 times, and then goes to the dead-letter queue', () => {
		template.allResourcesProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 24 * 3_600 });
		template.hasResourceProperties('AWS::SQS::Queue', {
			RedrivePolicy: { maxReceiveCount: 1_000 },
			VisibilityTimeout: 6 * functionOf('Repair')['Timeout'],
		});
	});

	test('the repair function reports failures message by message', () => {
		template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
			FunctionResponseTypes: ['ReportBatchItemFailures'],
		});
	});
});

describe('functions', () => {
	test.each(['SessionServer', 'Authorizer', 'Bus', 'Repair', 'RotateKeys'])(
		'the function %s runs on Node 24 and arm64, without traces and without a line for each start and end',
		(name) => {
			expect(functionOf(name)).toMatchObject({
				Runtime: 'nodejs24.x',
				Architectures: ['arm64'],
				LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
				Handler: 'index.handler',
			});
			expect(functionOf(name)).not.toHaveProperty('TracingConfig');
		},
	);

	test('every function is traced if tracing is on, and may write its traces', () => {
		const traced = synthesized({ configuration: { tracing: true } });
		for (const name of ['SessionServer', 'Bus', 'Repair', 'RotateKeys'])
			expect(functionOf(name, traced)).toMatchObject({ TracingConfig: { Mode: 'Active' } });
		const policies = (of: Template) => JSON.stringify(of.findResources('AWS::IAM::Policy')).match(/PutTraceSegments/g);
		expect(policies(traced)).toHaveLength(4);
		expect(policies(template)).toBeNull();
	});

	test('the timeouts of functions follow from what they wait for', () => {
		expect(functionOf('SessionServer')['Timeout']).toBe(17);
		expect(functionOf('Bus')['Timeout']).toBe(5);
		const patient = synthesized({ configuration: { leaseDurationMs: 20_000 } });
		// A confirmed logout does not wait for a lease to expire.
		expect(functionOf('SessionServer', patient)['Timeout']).toBe(17);
		const quick = synthesized({ configuration: { leaseDurationMs: 4_000, maxStalenessMs: 600 } });
		// A service may still take its ten seconds.
		expect(functionOf('SessionServer', quick)['Timeout']).toBe(17);
	});

	test('the session server and the bus get the same times', () => {
		const configured = synthesized({ configuration: { leaseDurationMs: 6_000, maxStalenessMs: 1_500 } });
		for (const name of ['SessionServer', 'Bus'])
			expect(variablesOf(name, configured)).toMatchObject({
				LEASEHOLD_LEASE_DURATION_MS: '6000',
				LEASEHOLD_MAX_STALENESS_MS: '1500',
			});
	});

	test('the session server gets the configured timeouts, and keys outlive the level’s', () => {
		const add = ({ leasehold }: { leasehold: { authorizer(): unknown } }) => leasehold.authorizer();
		const own = { idleSeconds: 900, persistent: { absoluteSeconds: 604_800 } };
		const configured = synthesized({ configuration: { timeouts: { level: 'aal1', ...own } }, add });
		const level = { LEASEHOLD_ABSOLUTE_TIMEOUT_MS: '2592000000', LEASEHOLD_IDLE_TIMEOUT_MS: '2592000000' };
		expect(variablesOf('SessionServer', configured)).toMatchObject(level);
		expect(JSON.parse(String(variablesOf('SessionServer', configured)['LEASEHOLD_TIMEOUTS']))).toEqual(own);
		// A key that was replaced verifies for as long as any session may last.
		expect(variablesOf('RotateKeys', configured)).toMatchObject(level);
		for (const name of ['RotateKeys', 'Authorizer'])
			expect(variablesOf(name, configured)).not.toHaveProperty('LEASEHOLD_TIMEOUTS');
		for (const timeouts of [undefined, 'aal2', { level: 'aal2' }, {}] as const)
			expect(variablesOf('SessionServer', synthesized({ configuration: { timeouts } }))).toEqual(
				variablesOf('SessionServer'),
			);
	});

	test('the functions that decide get the renewal interval of cookies', () => {
		const configured = synthesized({ configuration: { cookie: { renewalSeconds: 600 } } });
		expect(variablesOf('SessionServer', configured)['LEASEHOLD_COOKIE']).toBe('{"renewalSeconds":600}');
	});

	test('the session server gets the configured quota', () => {
		const configured = synthesized({ configuration: { quota: { max: 3, action: 'deny' } } });
		expect(variablesOf('SessionServer', configured)).toMatchObject({
			LEASEHOLD_QUOTA_MAX: '3',
			LEASEHOLD_QUOTA_ACTION: 'deny',
		});
	});

	test('the functions that decide get the configured limits of clients', () => {
		const configured = synthesized({
			configuration: { clientLimits: { requestsPerSecond: 50, failedLoginsPerSecond: 30 } },
			add: ({ leasehold }) => leasehold.authorizer(),
		});
		expect(variablesOf('SessionServer', configured)).toMatchObject({
			LEASEHOLD_REQUESTS_PER_SECOND: '50',
			LEASEHOLD_FAILED_LOGINS_PER_SECOND: '30',
		});
		expect(variablesOf('Authorizer', configured)).toMatchObject({ LEASEHOLD_REQUESTS_PER_SECOND: '50' });
		expect(variablesOf('SessionServer')).not.toHaveProperty('LEASEHOLD_REQUESTS_PER_SECOND');
	});

	test('the functions that decide log warm decisions only if that is configured', () => {
		expect(variablesOf('SessionServer')).not.toHaveProperty('LEASEHOLD_WARM_LINES_PER_SECOND');
		const add = ({ leasehold }: { leasehold: { authorizer(): unknown } }) => leasehold.authorizer();
		const logged = synthesized({ configuration: { warmLinesPerSecond: 5 }, add });
		for (const name of ['SessionServer', 'Authorizer'])
			expect(variablesOf(name, logged)).toMatchObject({ LEASEHOLD_WARM_LINES_PER_SECOND: '5' });
	});

	test('the bus packs the feed only if that is configured', () => {
		const packed = synthesized({ configuration: { feed: { shards: 8, replicas: 13 } } });
		expect(variablesOf('Bus', packed)).toMatchObject({ LEASEHOLD_FEED_LAYOUT: '8x13' });
		expect(variablesOf('Bus')).not.toHaveProperty('LEASEHOLD_FEED_LAYOUT');
	});

	test('sessions without a signature are accepted only if a time is configured', () => {
		const configured = synthesized({
			configuration: { unsignedSessionsUntil: '2026-12-31T00:00:00Z' },
			add: ({ leasehold }) => leasehold.authorizer(),
		});
		for (const name of ['SessionServer', 'Authorizer']) {
			expect(variablesOf(name, configured)['LEASEHOLD_UNSIGNED_UNTIL']).toBe('2026-12-31T00:00:00Z');
			expect(variablesOf(name)['LEASEHOLD_UNSIGNED_UNTIL']).toBeUndefined();
		}
	});

	test('by default, clients see no evidence', () => {
		expect(variablesOf('SessionServer')['LEASEHOLD_EVIDENCE_HEADER']).toBe('false');
	});

	test('functions get the configured reserved concurrency', () => {
		const reserved = synthesized({ configuration: { reservedConcurrency: { bus: 50, repair: 10 } } });
		expect(functionOf('Bus', reserved)['ReservedConcurrentExecutions']).toBe(50);
		expect(functionOf('Repair', reserved)['ReservedConcurrentExecutions']).toBe(10);
		expect(functionOf('SessionServer', reserved)).not.toHaveProperty('ReservedConcurrentExecutions');
		expect(() => synthesized({ configuration: { reservedConcurrency: { repair: 9 } } })).toThrow(
			'reservedConcurrency.repair: 9 is less than the 10 executions that the queue may start',
		);
	});

	test('functions that hold copies get the configured memory, and copies must fit into it', () => {
		const large = synthesized({
			configuration: { memory: { functionMb: 1_024, copiesMb: 256 } },
			add: ({ leasehold }) => leasehold.authorizer(),
		});
		for (const name of ['SessionServer', 'Authorizer']) {
			expect(functionOf(name, large)['MemorySize']).toBe(1_024);
			expect(variablesOf(name, large)['LEASEHOLD_COPY_BYTES_MAX']).toBe('268435456');
		}
		expect(() => synthesized({ configuration: { memory: { functionMb: 512, copiesMb: 256 } } })).toThrow(
			'memory: copiesMb is 256, but a function with 512 MB has room for 128: set functionMb to 1024 or more, or copiesMb to 128 or less',
		);
	});
});
