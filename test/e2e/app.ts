/** The stack of `infra/app.ts`, with a user's own API beside it, which the authorizer guards. */
import { App, CfnOutput, Fn } from 'aws-cdk-lib';
import { HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { readConfiguration } from '../../infra/settings/configuration.ts';
import { LeaseholdStack } from '../../infra/stack.ts';

const app = new App();
const configuration = readConfiguration(String(app.node.getContext('configuration')));
const stack = new LeaseholdStack(app, 'Leasehold', {
	configuration: {
		...configuration,
		// Known only after deployment, as the client ids of a user pool are.
		issuers: configuration.issuers.map((issuer) => {
			const audience = Fn.sub(String(issuer.audience));
			return { ...issuer, audience, client: { id: audience } };
		}),
	},
});
const whoami = new LambdaFunction(stack, 'Whoami', {
	runtime: Runtime.NODEJS_24_X,
	handler: 'index.handler',
	code: Code.fromInline(
		'exports.handler = async ({ requestContext }) => ({ statusCode: 200, body: JSON.stringify(requestContext.authorizer.lambda) })',
	),
});
const api = new HttpApi(stack, 'Guarded', { apiName: 'guarded' });
const integration = new HttpLambdaIntegration('Whoami', whoami);
api.addRoutes({
	path: '/whoami',
	methods: [HttpMethod.GET],
	integration,
	authorizer: stack.leasehold.authorizer('billing'),
});
new CfnOutput(stack, 'GuardedUrl', { value: api.apiEndpoint });
