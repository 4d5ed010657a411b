import { Match, type Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
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

/** What becomes of each resource that holds something when the stack goes. */
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
	it('has the routes that the session server knows, and one for all else, and each leads there', () => {
		const integrations = Object.keys(template.findResources('AWS::ApiGatewayV2::Integration'));
		expect(integrations).toHaveLength(1);
		const found = Object.values(template.findResources('AWS::ApiGatewayV2::Route')).map(({ Properties }) => Properties);
		const keys = found.map(({ RouteKey }) => RouteKey).sort();
		expect(keys).toEqual(['$default', ...routes.map(({ method, path }) => `${method} ${path}`)].sort());
		for (const { Target } of found) expect(JSON.stringify(Target)).toContain(integrations[0]);
		template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { PayloadFormatVersion: '2.0' });
	});

	it('is throttled, and logs nothing of a request in which a token could be', () => {
		const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
		expect(stage?.['Properties']['DefaultRouteSettings']).toMatchObject({
			ThrottlingRateLimit: 1_000,
			ThrottlingBurstLimit: 1_000,
		});
		const format = String(stage?.['Properties']['AccessLogSettings']['Format']);
		expect(format).toContain('$context.requestId');
		expect(format).not.toMatch(/header|query|cookie|\$context\.path\b|authorizer/i);
	});

	it('logs the id under which the session server logs the same request, which is not API Gateway’s', () => {
		const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
		const format = JSON.parse(stage?.['Properties']['AccessLogSettings']['Format']);
		expect(format).toMatchObject({
			requestId: '$context.requestId',
			functionRequestId: '$context.awsEndpointRequestId',
		});
	});

	it('is reached by its own name alone, when it has one', () => {
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

describe('what is kept', () => {
	it('is under a customer key that is rotated', () => {
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

	it('stays when the stack goes, except logs, and cannot be deleted by mistake', () => {
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

	it('goes with the stack when that is what was asked for', () => {
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

	it('is collected when it is over', () => {
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

	it('can be taken back to any second, as far as it is sessions', () => {
		template.resourcePropertiesCountIs(
			'AWS::DynamoDB::Table',
			{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
			1,
		);
	});
});

describe('token keys', () => {
	it('are replaced each month, except on emulators, which do not know the schedule', () => {
		template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
			RotationRules: { AutomaticallyAfterDays: 30 },
		});
		synthesized({ emulator: true }).resourceCountIs('AWS::SecretsManager::RotationSchedule', 0);
	});

	it('are in nobody’s environment', () => {
		expect(JSON.stringify(template.toJSON())).not.toContain('{{resolve:');
	});
});

describe('repairs', () => {
	it('wait for two weeks, are delivered a thousand times, and end in the dead-letter queue', () => {
		template.allResourcesProperties('AWS::SQS::Queue', { MessageRetentionPeriod: 14 * 24 * 3_600 });
		template.hasResourceProperties('AWS::SQS::Queue', {
			RedrivePolicy: { maxReceiveCount: 1_000 },
			VisibilityTimeout: 6 * functionOf('Repair')['Timeout'],
		});
	});

	it('are reported one by one', () => {
		template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
			FunctionResponseTypes: ['ReportBatchItemFailures'],
		});
	});
});

describe('functions', () => {
	it.each(['SessionServer', 'Authorizer', 'Bus', 'Repair', 'RotateKeys'])(
		'%s runs on Node 24 and arm64 with traces, as an ES module',
		(name) => {
			expect(functionOf(name)).toMatchObject({
				Runtime: 'nodejs24.x',
				Architectures: ['arm64'],
				TracingConfig: { Mode: 'Active' },
				Handler: 'index.handler',
			});
		},
	);

	it('have time for what they wait for', () => {
		expect(functionOf('SessionServer')['Timeout']).toBe(19);
		expect(functionOf('Bus')['Timeout']).toBe(5);
		const patient = synthesized({ configuration: { leaseDurationMs: 20_000 } });
		expect(functionOf('SessionServer', patient)['Timeout']).toBe(29);
		const quick = synthesized({ configuration: { leaseDurationMs: 3_000, maxStalenessMs: 600 } });
		expect(functionOf('SessionServer', quick)['Timeout']).toBe(17); // A service may still take its ten seconds.
	});

	it('that speak of times agree on them', () => {
		const configured = synthesized({ configuration: { leaseDurationMs: 6_000, maxStalenessMs: 1_500 } });
		for (const name of ['SessionServer', 'Bus'])
			expect(variablesOf(name, configured)).toMatchObject({
				LEASEHOLD_LEASE_DURATION_MS: '6000',
				LEASEHOLD_MAX_STALENESS_MS: '1500',
			});
	});

	it('are told the quota of a deployment', () => {
		const configured = synthesized({ configuration: { quota: { max: 3, action: 'deny' } } });
		expect(variablesOf('SessionServer', configured)).toMatchObject({
			LEASEHOLD_QUOTA_MAX: '3',
			LEASEHOLD_QUOTA_ACTION: 'deny',
		});
	});

	it('show no evidence to clients unless they are told to', () => {
		expect(variablesOf('SessionServer')['LEASEHOLD_EVIDENCE_HEADER']).toBe('false');
	});

	it('have executions set aside when that is asked for', () => {
		const reserved = synthesized({ configuration: { reservedConcurrency: { bus: 50, repair: 10 } } });
		expect(functionOf('Bus', reserved)['ReservedConcurrentExecutions']).toBe(50);
		expect(functionOf('Repair', reserved)['ReservedConcurrentExecutions']).toBe(10);
		expect(functionOf('SessionServer', reserved)).not.toHaveProperty('ReservedConcurrentExecutions');
		expect(() => synthesized({ configuration: { reservedConcurrency: { repair: 9 } } })).toThrow(
			'reservedConcurrency.repair: 9 is less than the 10 executions that the queue may ask for',
		);
	});

	it('that hold copies have the memory that is asked for, and room for the copies in it', () => {
		const large = synthesized({
			configuration: { memory: { functionMb: 1_024, copiesMb: 256 } },
			add: ({ leasehold }) => leasehold.authorizer(),
		});
		for (const name of ['SessionServer', 'Authorizer']) {
			expect(functionOf(name, large)['MemorySize']).toBe(1_024);
			expect(variablesOf(name, large)['LEASEHOLD_COPY_BYTES_MAX']).toBe('268435456');
		}
		expect(() => synthesized({ configuration: { memory: { functionMb: 512, copiesMb: 256 } } })).toThrow(
			'memory: copiesMb is 256, and a function with 512 MB has room for 128; give it functionMb 1024, or fewer copies',
		);
	});
});
