import { Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
	DomainName,
	HttpApi,
	HttpMethod,
	HttpStage,
	LogGroupLogDestination,
	SecurityPolicy,
	type ThrottleSettings,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import { routes } from '../../functions/session-server/deployment/routes.ts';
import type { SessionServer } from '../functions/session-server.ts';
import { EncryptedLog, type LogSettings } from './encrypted-log.ts';
import { addNagException } from './nag-exception.ts';

/** Your own domain name for the API. */
export interface Domain {
	/** For example `sessions.example.com`. */
	readonly name: string;
	/** A certificate for the name, in the stack's region. */
	readonly certificate: ICertificate;
	/**
	 * The zone in which the name is registered.
	 * @default - you register the name yourself, as an alias or a CNAME of `Leasehold.domainTarget`
	 */
	readonly hostedZone?: IHostedZone;
}

export interface SessionApiProps {
	readonly sessionServer: SessionServer;
	readonly throttle: Required<ThrottleSettings>;
	readonly domain?: Domain | undefined;
	readonly log: LogSettings;
}

/** The HTTPS API. All requests go to the session servers, including those for unknown paths. */
export class SessionApi extends Construct {
	readonly api: HttpApi;
	readonly stage: HttpStage;
	readonly accessLog: EncryptedLog;
	/** Without a slash at its end. */
	readonly url: string;
	/** Where the domain's name must point to. It is undefined if there is no domain. */
	readonly domainTarget: string | undefined;

	constructor(scope: Construct, id: string, props: SessionApiProps) {
		super(scope, id);
		const { domain } = props;
		const integration = new HttpLambdaIntegration('SessionServer', props.sessionServer.lambda, {
			// A permission for each route would exceed the size of a function's policy.
			scopePermissionToRoute: false,
		});
		this.api = new HttpApi(this, 'Api', {
			apiName: 'leasehold',
			description: 'Leasehold: sessions',
			createDefaultStage: false,
			defaultIntegration: integration, // The session server also answers unknown paths.
			disableExecuteApiEndpoint: domain !== undefined,
		});
		this.permitOtherPaths(props.sessionServer);
		for (const { method, path } of routes) this.api.addRoutes({ path, methods: [HttpMethod[method]], integration });
		addNagException(
			this.api,
			'AwsSolutions-APIG4',
			'The session server authorizes every request itself. Login and health are open to everyone.',
		);
		this.accessLog = new EncryptedLog(this, 'AccessLog', props.log);
		const domainName = domain === undefined ? undefined : this.domainName(domain);
		this.domainTarget = domainName?.regionalDomainName;
		this.stage = new HttpStage(this, 'Stage', {
			httpApi: this.api,
			stageName: '$default',
			autoDeploy: true,
			throttle: props.throttle,
			detailedMetricsEnabled: true,
			accessLogSettings: { destination: new LogGroupLogDestination(this.accessLog), format: accessLogFormat },
			...(domainName === undefined ? {} : { domainMapping: { domainName } }),
		});
		this.url = domain === undefined ? this.api.apiEndpoint : `https://${domain.name}`;
	}

	/**
	 * Lets the API's route `$default` invoke the function. CDK's own permission is for a stage, a
	 * method and a path, but this route has only a stage and a name. Without this permission, an
	 * unknown path would be answered with 500.
	 */
	private permitOtherPaths(sessionServer: SessionServer): void {
		sessionServer.lambda.addPermission('OtherPaths', {
			scope: this,
			principal: new ServicePrincipal('apigateway.amazonaws.com'),
			sourceArn: Stack.of(this).formatArn({
				service: 'execute-api',
				resource: this.api.apiId,
				resourceName: '*/$default',
			}),
		});
	}

	private domainName({ name, certificate, hostedZone }: Domain): DomainName {
		const domainName = new DomainName(this, 'Domain', {
			domainName: name,
			certificate,
			securityPolicy: SecurityPolicy.TLS_1_2,
		});
		if (hostedZone !== undefined) {
			const { regionalDomainName, regionalHostedZoneId } = domainName;
			const target = RecordTarget.fromAlias(new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
			new ARecord(this, 'Record', { zone: hostedZone, recordName: name, target });
		}
		return domainName;
	}
}

/**
 * Logs no header, query or path, because they may contain a token or a handle. The session server
 * logs the session under `functionRequestId`, which is Lambda's id of the invocation. API Gateway's
 * own id appears in this log only.
 */
const accessLogFormat = AccessLogFormat.custom(
	JSON.stringify({
		requestId: '$context.requestId',
		functionRequestId: '$context.awsEndpointRequestId',
		time: '$context.requestTime',
		route: '$context.routeKey',
		status: '$context.status',
		latencyMs: '$context.responseLatency',
		integrationStatus: '$context.integrationStatus',
		integrationError: '$context.integrationErrorMessage',
		sourceIp: '$context.identity.sourceIp',
		userAgent: '$context.identity.userAgent',
	}),
);
