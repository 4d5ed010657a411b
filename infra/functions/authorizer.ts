import { Duration } from 'aws-cdk-lib';
import type { IHttpApi, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import type { AuthorizerVariables, DecidingVariables } from '../../functions/session-server/deployment/environment.ts';
import { authorizerFunctionMs } from '../../functions/system/time-budget.ts';
import { DecidingFunction, type DecidingProps } from './deciding-function.ts';

export interface AuthorizerProps extends DecidingProps {
	/**
	 * The service that guards routes which no service of the catalog names.
	 * @default - requests for such routes are denied
	 */
	readonly service?: string | undefined;
}

/**
 * A session server as the authorizer of other HTTP APIs. It makes the same decision and has the
 * same rights, except that the bus does less for it.
 */
export class Authorizer extends DecidingFunction {
	/** For routes of any HTTP APIs. */
	readonly routeAuthorizer: IHttpRouteAuthorizer;

	constructor(scope: Construct, id: string, props: AuthorizerProps) {
		const { settings, service } = props;
		if (service !== undefined && !settings.services.some(({ name }) => name === service))
			throw new Error(
				`authorizer('${service}'): there is no service of this name: add it to the services, or use the name of one of them`,
			);
		const variables = {
			...(service === undefined ? {} : { LEASEHOLD_AUTHORIZER_SERVICE: service }),
		} satisfies Omit<AuthorizerVariables, keyof DecidingVariables>;
		super(scope, id, props, {
			component: 'Authorizer',
			description: 'authorizer: decides about requests to other APIs',
			entry: 'session-server/authorizer/handler.ts',
			entrance: props.bus.forAuthorizers,
			timeout: Duration.millis(authorizerFunctionMs),
			variables,
		});
		// CDK's own authorizer belongs to one API. Here one function, and so one memory, serves all
		// APIs.
		const ofApis = new Map<IHttpApi, IHttpRouteAuthorizer>();
		this.routeAuthorizer = {
			bind: (options) => {
				const { httpApi } = options.route;
				const known = ofApis.get(httpApi) ?? this.authorizerOfApi(id);
				ofApis.set(httpApi, known);
				return known.bind(options);
			},
		};
	}

	private authorizerOfApi(id: string): IHttpRouteAuthorizer {
		return new HttpLambdaAuthorizer(id, this.lambda, {
			responseTypes: [HttpLambdaResponseType.SIMPLE],
			// The token is in a cookie or in a header. A required source would turn away requests
			// that use the other one.
			identitySource: [],
			// A cached answer would outlive a logout.
			resultsCacheTtl: Duration.seconds(0),
		});
	}
}
