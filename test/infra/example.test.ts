import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { describe, expect, test } from 'vitest';
import { fillPlaces } from '../../functions/session-server/deployment/places.ts';
import { parseIssuers } from '../../functions/session-server/deployment/trusted-issuers.ts';
import { createIdTokenVerifier } from '../../functions/session-server/identity/id-token.ts';
import { Issuer } from '../../infra/issuers/issuer.ts';
import { Leasehold } from '../../infra/leasehold.ts';
import { apiRequest } from '../support/api-request.ts';
import { createFakeIssuer } from '../support/fake-issuer.ts';
import { createMemoryDeployment } from '../support/memory/memory-deployment.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { withinAal2 } from '../support/verifier-stage.ts';

/** The stack of a user, to which the example in the doc comment of `Leasehold` is added. */
function stackWithExample(): { readonly stack: Stack; readonly leasehold: Leasehold } {
	const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Orders');
	const pool = new UserPool(stack, 'People');
	const client = pool.addClient('Client');
	const api = new HttpApi(stack, 'Orders');
	const integration = new HttpUrlIntegration('Orders', 'https://orders.example.com');
	// example begins
	const leasehold = new Leasehold(stack, 'Sessions', {
		issuers: [Issuer.cognito(pool, [client], { name: 'people' })],
		services: [{ name: 'orders', allScopes: ['orders'] }],
	});
	api.addRoutes({
		path: '/orders',
		methods: [HttpMethod.ANY],
		integration,
		authorizer: leasehold.authorizer('orders'),
	});
	// example ends
	return { stack, leasehold };
}

/** Lines of code without their indentation, which differs between this file and the doc comment. */
function linesIn(text: string): string[] {
	return text
		.split('\n')
		.map((line) => line.replace(/^\s*\*/, '').trim())
		.filter((line) => line !== '');
}

describe('the example in the doc comment of Leasehold', () => {
	test('the example is the code that this test compiles', () => {
		const source = readFileSync(new URL('../../infra/leasehold.ts', import.meta.url), 'utf8');
		const [, documented = ''] = /@example\n(.*?)\n \*\//s.exec(source) ?? [];
		const [, compiled = ''] =
			/\/\/ example begins\n(.*?)\/\/ example ends/s.exec(readFileSync(import.meta.filename, 'utf8')) ?? [];
		expect(linesIn(documented)).toEqual(linesIn(compiled));
	});

	test('the deployment guide has the same issuers, services and route', () => {
		const guide = readFileSync(new URL('../../docs/operate/deploy.md', import.meta.url), 'utf8').replaceAll('"', "'");
		const source = readFileSync(import.meta.filename, 'utf8');
		const [, compiled = ''] = /\/\/ example begins\n(.*?)\/\/ example ends/s.exec(source) ?? [];
		expect(linesIn(guide)).toEqual(expect.arrayContaining(linesIn(compiled)));
	});

	test('the route of the example is guarded by a function for its service', () => {
		const template = Template.fromStack(stackWithExample().stack);
		template.hasResourceProperties('AWS::ApiGatewayV2::Route', {
			RouteKey: 'ANY /orders',
			AuthorizationType: 'CUSTOM',
		});
		const functions = Object.values(template.findResources('AWS::Lambda::Function'));
		const services = functions.map(
			({ Properties }) => Properties['Environment']?.['Variables']['LEASEHOLD_AUTHORIZER_SERVICE'],
		);
		expect(services.filter((service) => service !== undefined)).toEqual(['orders']);
	});

	test('a user of the pool in the group orders logs in, and the answer for the service is 204', async () => {
		const { stack, leasehold } = stackWithExample();
		const { files } = leasehold.parts.sessionServer;
		const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
		const variables = functions.map(({ Properties }) => Properties['Environment']?.['Variables']);
		const values = variables.map((all) => all?.['LEASEHOLD_ISSUER_VALUES']).filter((one) => one !== undefined);
		expect(values, 'only session servers have issuers').toHaveLength(1);
		const entries = fillPlaces(JSON.parse(files['issuers.json'] ?? ''), JSON.parse(deployed(values[0])));
		const issuers = parseIssuers(entries, withinAal2);
		const clock = createSettableClock();
		const { sign, sendRequest } = await createFakeIssuer(`https://${poolName}`, clock);
		const { api } = createMemoryDeployment([], {
			services: JSON.parse(files['services.json'] ?? ''),
			verifyIdToken: createIdTokenVerifier(issuers, { clock, log: () => undefined, sendRequest }),
		});
		// As in the Amazon Cognito Developer Guide, "Understanding the identity (ID) token".
		const idToken = await sign({
			sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
			'cognito:groups': ['orders'],
			'cognito:username': 'ada',
			aud: clientId,
			token_use: 'id',
			auth_time: 1_676_312_777,
		});
		const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
		const login = { method: 'POST', path: '/v1/sessions', body: '{"delivery":"bearer"}', ...bearer(idToken) };
		const { token } = JSON.parse((await api(apiRequest(login), 'login')).body ?? '');
		const query = new URLSearchParams({ service: 'orders' });
		const authorized = await api(apiRequest({ path: '/v1/authorize', query, ...bearer(token) }), 'authorize');
		expect(authorized).toMatchObject({ status: 204 });
	});
});

const poolName = 'cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI';
const clientId = '1example23456789';

/** A value of the template as CloudFormation deploys it, with a user pool and its client. */
function deployed(value: unknown): string {
	if (typeof value === 'string') return value;
	const { 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as {
		readonly 'Fn::Join'?: readonly [string, readonly unknown[]];
		readonly 'Fn::GetAtt'?: readonly [string, string];
	};
	if (join !== undefined) return join[1].map(deployed).join(join[0]);
	return attribute?.[1] === 'ProviderName' ? poolName : clientId;
}
