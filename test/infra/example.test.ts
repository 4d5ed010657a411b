import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUrlIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { describe, expect, test } from 'vitest';
import { Leasehold } from '../../infra/leasehold.ts';

/** The stack of a user, to which the example in the doc comment of `Leasehold` is added. */
function stackWithExample(): Stack {
	const stack = new Stack(new App({ context: { 'aws:cdk:bundling-stacks': [] } }), 'Orders');
	const pool = new UserPool(stack, 'People');
	const client = pool.addClient('Client');
	const api = new HttpApi(stack, 'Orders');
	const integration = new HttpUrlIntegration('Orders', 'https://orders.example.com');
	// example begins
	const leasehold = new Leasehold(stack, 'Sessions', {
		issuers: [
			{
				name: 'people',
				issuer: pool.userPoolProviderUrl,
				audience: client.userPoolClientId,
				jwksUri: `${pool.userPoolProviderUrl}/.well-known/jwks.json`,
			},
		],
		services: [{ name: 'orders', allScopes: ['orders'] }],
	});
	api.addRoutes({
		path: '/orders',
		methods: [HttpMethod.ANY],
		integration,
		authorizer: leasehold.authorizer('orders'),
	});
	// example ends
	return stack;
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

	test('the route of the example is guarded by a function for its service', () => {
		const template = Template.fromStack(stackWithExample());
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
});
