import { runInNewContext } from 'node:vm';
import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { describe, expect, test } from 'vitest';
import { Leasehold, type LeaseholdProps } from '../../infra/leasehold.ts';
import type { Configuration } from '../../infra/settings/configuration-schema.ts';
import type { LeaseholdStack } from '../../infra/stack.ts';
import { nameOf, permissionsOf } from './permissions.ts';
import { appOf, synthesized } from './synthesized.ts';

const origin = 'https://app.example.com';
const domain = {
	name: 'sessions.example.com',
	certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/one',
};

function variablesOf(name: string, template: Template): Readonly<Record<string, unknown>> {
	const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
	const [, found] = functions.find(([id]) => nameOf(id) === `${name}Function`) ?? [];
	return found?.['Properties'].Environment.Variables;
}

describe('the settings for browsers', () => {
	test('reach every function that decides, and are absent by default', () => {
		const add = ({ leasehold }: LeaseholdStack) => leasehold.authorizer();
		const configured = synthesized({ configuration: { origins: [origin], cookie: { sameSite: 'strict' } }, add });
		const byDefault = synthesized({ add });
		for (const name of ['SessionServer', 'Authorizer']) {
			expect(variablesOf(name, configured)).toMatchObject({
				LEASEHOLD_ORIGINS: JSON.stringify([origin]),
				LEASEHOLD_COOKIE: '{"sameSite":"strict"}',
			});
			expect(Object.keys(variablesOf(name, byDefault)).join()).not.toMatch(/ORIGINS|COOKIE|DISTRIBUTION/);
		}
	});

	test.each<[Partial<Configuration>, string]>([
		[{ origins: ['https://app.example.com/'] }, 'origins.0: must be written as https://app.example.com'],
		[{ origins: ['*'] }, 'origins.0: must be an origin such as https://app.example.com: there are no patterns'],
		[{ cookie: { sameSite: 'none' } }, 'cookie.sameSite: must not be none without origins'],
		[{ cookie: { domain: 'co.uk' } }, 'cookie.domain: must be a domain of your own'],
		[{ cookie: { domain: 'example.com', name: '__Host-session' } }, 'cookie.name: must not begin with __Host-'],
		[
			{ cookie: { domain: 'example.org' }, domain },
			'cookie.domain: is example.org, but the API is at sessions.example.com',
		],
		[
			{ cookie: { domain: 'ample.com' }, domain },
			'cookie.domain: is ample.com, but the API is at sessions.example.com',
		],
	])('cannot be %j', (configuration, problem) => {
		expect(() => synthesized({ configuration })).toThrow(problem);
	});

	test('may have an origin that is known only when the stack is deployed', () => {
		const stack = emptyStack();
		const pages = new Distribution(stack, 'Pages', {
			defaultBehavior: { origin: new HttpOrigin('pages.example.com') },
		});
		const origins = [`https://${pages.distributionDomainName}`];
		const leasehold = new Leasehold(stack, 'Leasehold', { ...someProps, origins });
		leasehold.addTo(pages, '/v1/*');
		const variables = variablesOf('SessionServer', Template.fromStack(stack));
		expect(variables['LEASEHOLD_ORIGINS']).toMatchObject({ 'Fn::Join': ['', ['["https://', expect.anything(), '"]']] });
	});
});

/** A stack in which nothing is bundled. */
function emptyStack(): Stack {
	return new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Team');
}

const someProps: LeaseholdProps = {
	issuers: [
		{
			name: 'example',
			issuer: 'https://issuer.example.com',
			audience: 'leasehold',
			jwksUri: 'https://issuer.example.com/jwks.json',
		},
	],
	services: [{ name: 'notes' }],
};

describe('a setting that weakens the cookie', () => {
	const warningsOf = (configuration: Partial<Configuration>) => {
		const { stack } = appOf({ configuration });
		return Annotations.fromStack(stack)
			.findWarning('*', Match.stringLikeRegexp('cookie'))
			.map(({ entry }) => String(entry.data));
	};

	test.each<[string, Partial<Configuration>, RegExp]>([
		[
			'a domain',
			{ cookie: { domain: 'example.com' } },
			/every host below example\.com gets the session token.*such a host/,
		],
		[
			'other sites',
			{ origins: [origin], cookie: { sameSite: 'none' } },
			/pages of every site make browsers send the cookie.*third-party/,
		],
		[
			'partitioned cookies',
			{ origins: [origin], cookie: { sameSite: 'none', partitioned: true } },
			/without partitioned cookies may block it/,
		],
		['the former name', { cookie: { name: '__Host-session' } }, /a script of a page can plant/],
		[
			'a domain, under a name without a prefix',
			{ cookie: { domain: 'example.com', name: 'sid' } },
			/every host below.*and also pages without TLS/,
		],
		['a name without a prefix', { cookie: { name: 'sid' } }, /other hosts of the same site and scripts/],
		[
			'an origin of another site',
			{ origins: ['https://example.org', origin], domain },
			/do not send the cookie from pages of https:\/\/example\.org, which/,
		],
	])('is named with what it gives up: %s', (_what, configuration, warning) => {
		expect(warningsOf(configuration)).toEqual([expect.stringMatching(warning)]);
	});

	test.each<[string, Partial<Configuration>]>([
		['by default', {}],
		['with a stricter cookie', { cookie: { sameSite: 'strict' } }],
		['with origins of the same site', { origins: [origin], domain }],
	])('is not warned of %s', (_what, configuration) => {
		expect(warningsOf(configuration)).toEqual([]);
	});
});

describe('an API behind a distribution', () => {
	const withDistribution = (configuration: Partial<Configuration> = {}) =>
		synthesized({
			configuration,
			add: (stack) => {
				const pages = new Distribution(stack, 'Pages', {
					defaultBehavior: { origin: new HttpOrigin('pages.example.com') },
				});
				stack.leasehold.addTo(pages, '/v1/*');
				stack.leasehold.addTo(pages, '/services/*');
			},
		});
	const template = withDistribution();
	const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
	const { Origins, CacheBehaviors } = distribution?.['Properties'].DistributionConfig ?? {};

	test('gets every method, header, cookie and query, over TLS only, and nothing is cached', () => {
		expect(CacheBehaviors).toHaveLength(2);
		expect(CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual([
			'/v1/*',
			'/services/*',
		]);
		for (const behavior of CacheBehaviors)
			expect(behavior).toMatchObject({
				AllowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'POST', 'DELETE'],
				CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
				OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac', // AllViewerExceptHostHeader
				ViewerProtocolPolicy: 'https-only',
				FunctionAssociations: [{ EventType: 'viewer-request' }],
			});
	});

	test('is reached with a secret of which the template has only the address', () => {
		const api = Origins.find(({ OriginCustomHeaders }: { OriginCustomHeaders?: unknown }) => OriginCustomHeaders);
		expect(api.OriginCustomHeaders).toHaveLength(1);
		expect(api.OriginCustomHeaders[0].HeaderName).toBe('x-leasehold-distribution');
		const value = JSON.stringify(api.OriginCustomHeaders[0].HeaderValue);
		expect(value).toMatch(/{{resolve:secretsmanager:.*DistributionSecret[0-9A-F]{8}.*:SecretString:::}}/);
		expect(JSON.stringify(api.DomainName)).toMatch(/"Ref":"LeaseholdApi[0-9A-F]{8}".*\.execute-api\./);
		expect(api.CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only' });
		template.resourceCountIs('AWS::SecretsManager::Secret', 2);
		template.allResourcesProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
	});

	test('has session servers that may read this secret, and no other right more', () => {
		const before = permissionsOf(synthesized(), 'SessionServerRole');
		const now = permissionsOf(template, 'SessionServerRole');
		expect(now.filter((line) => !before.includes(line))).toEqual([
			'Allow secretsmanager:GetSecretValue on EntranceDistributionSecret, TokenKeysSecret',
		]);
		expect(before.filter((line) => !now.includes(line))).toEqual([
			'Allow secretsmanager:GetSecretValue on TokenKeysSecret',
		]);
		expect(JSON.stringify(variablesOf('SessionServer', template)['LEASEHOLD_DISTRIBUTION_SECRET'])).toMatch(
			/^{"Ref":"LeaseholdEntranceDistributionSecret/,
		);
	});

	test('learns the host and the address of the client, whatever the client sends', () => {
		const [edge] = Object.values(template.findResources('AWS::CloudFront::Function'));
		const request = {
			headers: {
				host: { value: 'app.example.com' },
				'x-leasehold-host': { value: 'evil.example' },
				'x-leasehold-viewer': { value: '192.0.2.1' },
			},
		};
		const event = { request, viewer: { ip: '198.51.100.1' } };
		runInNewContext(`${edge?.['Properties'].FunctionCode}; handler(event)`, { event });
		expect(request.headers).toEqual({
			host: { value: 'app.example.com' },
			'x-leasehold-host': { value: 'app.example.com' },
			'x-leasehold-viewer': { value: '198.51.100.1' },
		});
	});

	test('at a domain is reached by that name', () => {
		const named = Object.values(withDistribution({ domain }).findResources('AWS::CloudFront::Distribution'));
		expect(JSON.stringify(named)).toContain('"DomainName":"sessions.example.com"');
	});

	test.each(['/api/*', '/v2/*', '/v10/*', '*.js', 'v1/*'])('is not at %s', (pattern) => {
		const add = (stack: LeaseholdStack) => {
			const pages = new Distribution(stack, 'Pages', {
				defaultBehavior: { origin: new HttpOrigin('pages.example.com') },
			});
			stack.leasehold.addTo(pages, pattern);
		};
		expect(() => synthesized({ add })).toThrow('choose a pattern that begins with /v1, /services or /health');
	});
});

describe('a domain that the API shares', () => {
	const shared = (path?: string) => {
		const stack = emptyStack();
		const certificate = Certificate.fromCertificateArn(stack, 'Certificate', domain.certificateArn);
		const domainName = new DomainName(stack, 'Domain', { domainName: 'api.example.com', certificate });
		const leasehold = new Leasehold(stack, 'Leasehold', { ...someProps, domain: { domainName, path } });
		const pages = new Distribution(stack, 'Pages', {
			defaultBehavior: { origin: new HttpOrigin('pages.example.com') },
		});
		leasehold.addTo(pages, '/v1/*');
		return { leasehold, template: Template.fromStack(stack) };
	};

	test('has a mapping for the path of the API, and no second domain', () => {
		const { leasehold, template } = shared('sessions');
		template.resourceCountIs('AWS::ApiGatewayV2::DomainName', 1);
		template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { ApiMappingKey: 'sessions' });
		template.hasResourceProperties('AWS::ApiGatewayV2::Api', { DisableExecuteApiEndpoint: true });
		expect(leasehold.domainTarget).toBeDefined();
		expect(Stack.of(leasehold).resolve(leasehold.url)).toMatchObject({
			'Fn::Join': ['', ['https://', expect.anything(), '/sessions']],
		});
		const [distribution] = Object.values(template.findResources('AWS::CloudFront::Distribution'));
		expect(distribution?.['Properties'].DistributionConfig.Origins[1]).toMatchObject({ OriginPath: '/sessions' });
	});

	test('may be the API’s own below no other path', () => {
		shared().template.hasResourceProperties('AWS::ApiGatewayV2::ApiMapping', { ApiMappingKey: Match.absent() });
	});

	test.each(['/sessions', 'sessions/', '', 'a b', 'a//b'])('cannot have the path "%s"', (path) => {
		expect(() => shared(path)).toThrow('domain.path: must be a path such as sessions');
	});
});
