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

/** A name of one's own for the API. */
export interface Domain {
	readonly name: string;
	readonly certificate: ICertificate;
	/** Where the name is to be registered; without it, that is left to whoever has the zone. */
	readonly hostedZone?: IHostedZone;
}

export interface SessionApiProps {
	readonly sessionServer: SessionServer;
	readonly throttle: Required<ThrottleSettings>;
	readonly domain?: Domain | undefined;
	readonly log: LogSettings;
}

/** The HTTPS API: every route, and whatever no route names, leads to the session servers. */
export class SessionApi extends Construct {
	readonly api: HttpApi;
	readonly stage: HttpStage;
	readonly accessLog: EncryptedLog;
	/** With no slash at its end. */
	readonly url: string;
	/** What a domain's name has to lead to, where there is one; `domain.hostedZone` has it registered. */
	readonly domainTarget: string | undefined;

	constructor(scope: Construct, id: string, props: SessionApiProps) {
		super(scope, id);
		const { domain } = props;
		const integration = new HttpLambdaIntegration('SessionServer', props.sessionServer.lambda, {
			scopePermissionToRoute: false, // One permission for the API: a function's policy has no room for one each.
		});
		this.api = new HttpApi(this, 'Api', {
			apiName: 'leasehold',
			description: 'Leasehold: sessions',
			createDefaultStage: false,
			defaultIntegration: integration, // Unknown paths get Leasehold's own answer.
			disableExecuteApiEndpoint: domain !== undefined,
		});
		this.permitOtherPaths(props.sessionServer);
		for (const { method, path } of routes) this.api.addRoutes({ path, methods: [HttpMethod[method]], integration });
		addNagException(
			this.api,
			'AwsSolutions-APIG4',
			'The session server authorizes every request itself: that is what it is for, and login and health are for anyone.',
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
	 * The permission that the library makes is for stage, method and path. `$default` calls by stage and route alone, which
	 * that one does not match: without this one, an unknown path would be answered 500.
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
 * No header, no query and no path: they may have a token or a handle in them. Which session it was is in the session
 * server's log, under `functionRequestId`: Lambda gives each invocation an id of its own, and API Gateway's is in no log but this.
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
