import { Duration } from 'aws-cdk-lib';
import type { IHttpApi, IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { Construct } from 'constructs';
import { authorizerFunctionMs } from '../../functions/session-server/deployment/authorizer-time.ts';
import type { AuthorizerVariables, DecidingVariables } from '../../functions/session-server/deployment/environment.ts';
import { DecidingFunction, type DecidingProps } from './deciding-function.ts';

export interface AuthorizerProps extends DecidingProps {
	/** The service that guards routes which no service of the catalog names; without it they are denied. */
	readonly service?: string | undefined;
}

/** The session server as the authorizer of other HTTP APIs: the same decision, with the same rights and no more. */
export class Authorizer extends Construct {
	readonly function: DecidingFunction;
	/** For routes of any HTTP APIs. */
	readonly routeAuthorizer: IHttpRouteAuthorizer;

	constructor(scope: Construct, id: string, props: AuthorizerProps) {
		super(scope, id);
		const { settings, service } = props;
		if (service !== undefined && !settings.services.some(({ name }) => name === service))
			throw new Error(`authorizer: no service is named "${service}"; add it to the services, or name one of them`);
		const variables = {
			...(service === undefined ? {} : { LEASEHOLD_AUTHORIZER_SERVICE: service }),
		} satisfies Omit<AuthorizerVariables, keyof DecidingVariables>;
		this.function = new DecidingFunction(this, 'Authorizer', props, {
			description: 'authorizer: decides for routes of other APIs',
			entry: 'session-server/authorizer/handler.ts',
			timeout: Duration.millis(authorizerFunctionMs),
			variables,
		});
		const ofApis = new Map<IHttpApi, IHttpRouteAuthorizer>();
		this.routeAuthorizer = {
			// The library's own is for one API. The function is the same for all of them, and so is its memory.
			bind: (options) => {
				const { httpApi } = options.route;
				const known = ofApis.get(httpApi) ?? this.authorizerOfApi(id);
				ofApis.set(httpApi, known);
				return known.bind(options);
			},
		};
	}

	private authorizerOfApi(id: string): IHttpRouteAuthorizer {
		return new HttpLambdaAuthorizer(id, this.function.function, {
			responseTypes: [HttpLambdaResponseType.SIMPLE],
			// The token may be in a cookie or in a header: a source that has to be there would turn the other away.
			identitySource: [],
			// A cached answer would outlive a logout.
			resultsCacheTtl: Duration.seconds(0),
		});
	}
}
