import { Names, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
	DomainName,
	HttpApi,
	HttpMethod,
	HttpStage,
	type IDomainName,
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
import { SettingError } from '../settings/setting-error.ts';
import { EncryptedLog, type LogSettings } from './encrypted-log.ts';
import { addNagException } from './nag-exception.ts';

/** The domain name of the API: one for it alone, or one that it shares. */
export type Domain = OwnDomain | SharedDomain;

/** A custom domain that you have, with other APIs. */
export interface SharedDomain {
	readonly domainName: IDomainName;
	/**
	 * The path below which the API is, such as `sessions`. Without it, the API gets all requests to
	 * the domain that no other path belongs to.
	 */
	readonly path?: string | undefined;
}

/** Your own domain name for the API. */
export interface OwnDomain {
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
	/** Whether metrics are also published for each route. */
	readonly detailedMetrics: boolean;
}

/** The HTTPS API. All requests go to the session servers, including those for unknown paths. */
export class SessionApi extends Construct {
	readonly api: HttpApi;
	readonly stage: HttpStage;
	readonly accessLog: EncryptedLog;
	/** Without a slash at its end. */
	readonly url: string;
	/** The host in the URL. */
	readonly host: string;
	/** The path in the URL, without slashes at its ends. It is undefined if there is none. */
	readonly path: string | undefined;
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
		this.accessLog = new EncryptedLog(this, 'AccessLog', { ...props.log, name: accessLogName(this) });
		const domainName = domain === undefined ? undefined : this.domainName(domain);
		this.path = domain === undefined ? undefined : mappingPath(domain);
		this.domainTarget = domainName?.regionalDomainName;
		this.stage = new HttpStage(this, 'Stage', {
			httpApi: this.api,
			stageName: '$default',
			autoDeploy: true,
			throttle: props.throttle,
			detailedMetricsEnabled: props.detailedMetrics,
			accessLogSettings: { destination: new LogGroupLogDestination(this.accessLog), format: accessLogFormat },
			...(domainName === undefined
				? {}
				: { domainMapping: { domainName, ...(this.path === undefined ? {} : { mappingKey: this.path }) } }),
		});
		const { region, urlSuffix } = Stack.of(this);
		this.host = domain === undefined ? `${this.api.apiId}.execute-api.${region}.${urlSuffix}` : hostOf(domain);
		const below = this.path === undefined ? '' : `/${this.path}`;
		this.url = domain === undefined ? this.api.apiEndpoint : `https://${this.host}${below}`;
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

	private domainName(domain: Domain): IDomainName {
		if ('domainName' in domain) return domain.domainName;
		const { name, certificate, hostedZone } = domain;
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
 * API Gateway adds the group of an access log to one policy of the account, which may have 5,120
 * characters, unless the group's name begins with `/aws/vendedlogs/`. In an account with other
 * logged APIs, the deployment would fail. (CloudWatch Logs User Guide, "Enable logging from AWS
 * services", "Log group resource policy size limit considerations".)
 *
 * A name has 512 characters at most. Names of stacks have 128.
 */
function accessLogName(scope: Construct): string {
	// Names.uniqueId tells several constructs in one stack apart.
	return `/aws/vendedlogs/leasehold/${Stack.of(scope).stackName}/${Names.uniqueId(scope)}`;
}

/** The host of the API at a domain. */
export function hostOf(domain: Domain): string {
	return 'domainName' in domain ? domain.domainName.name : domain.name;
}

/** @throws SettingError if API Gateway would refuse the path. */
function mappingPath(domain: Domain): string | undefined {
	const path = 'domainName' in domain ? domain.path : undefined;
	if (path === undefined || /^[\w.-]+(\/[\w.-]+)*$/.test(path)) return path;
	throw new SettingError(
		['domain.path'],
		`must be a path such as sessions, without slashes at its ends, not "${path}"`,
	);
}

/**
 * Logs no header, query or path, because they may contain a token or a handle. The session server
 * logs the session under the same `id`. Every byte is paid for in every request, so the line has
 * short names and nothing that the event in the log has anyway, such as its time.
 */
const accessLogFormat = AccessLogFormat.custom(
	JSON.stringify({
		id: '$context.requestId',
		route: '$context.routeKey',
		status: '$context.status',
		ms: '$context.responseLatency',
		error: '$context.integrationErrorMessage',
		ip: '$context.identity.sourceIp',
	}),
);
