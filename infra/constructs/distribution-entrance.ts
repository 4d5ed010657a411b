import {
	AllowedMethods,
	CachePolicy,
	type Distribution,
	Function as EdgeFunction,
	FunctionCode,
	FunctionEventType,
	FunctionRuntime,
	OriginRequestPolicy,
	ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { Construct } from 'constructs';
import {
	hostHeader,
	secretHeader,
	viewerHeader,
} from '../../functions/session-server/deployment/distribution-headers.ts';
import type { SessionServer } from '../functions/session-server.ts';
import { SettingError } from '../settings/setting-error.ts';
import { DistributionSecret, type DistributionSecretProps } from './distribution-secret.ts';
import type { SessionApi } from './session-api.ts';

export interface DistributionEntranceProps extends DistributionSecretProps {
	readonly api: SessionApi;
	readonly sessionServer: SessionServer;
}

/** The API behind CloudFront distributions, as an origin of theirs. It refuses other requests. */
export class DistributionEntrance extends Construct {
	private readonly origin: HttpOrigin;
	private readonly function: EdgeFunction;

	constructor(scope: Construct, id: string, { api, sessionServer, ...props }: DistributionEntranceProps) {
		super(scope, id);
		const secret = new DistributionSecret(this, 'DistributionSecret', props);
		sessionServer.requireSecret(secret);
		this.origin = new HttpOrigin(api.host, {
			customHeaders: { [secretHeader]: secret.reference },
			...(api.path === undefined ? {} : { originPath: `/${api.path}` }),
		});
		this.function = new EdgeFunction(this, 'Viewer', {
			comment: 'Leasehold: tells the API which host the client asked for, and its address',
			runtime: FunctionRuntime.JS_2_0,
			code: FunctionCode.fromInline(viewerRequestCode),
		});
	}

	/** @throws SettingError if the API has nothing at such paths. */
	addTo(distribution: Pick<Distribution, 'addBehavior'>, pathPattern: string): void {
		if (!/^\/?\*$|^\/(v1|services|health)(\/|\*|$)/.test(pathPattern))
			throw new SettingError(
				[`addTo(…, '${pathPattern}')`],
				'the API has nothing there: choose a pattern that begins with /v1, /services or /health, such as /v1/*',
			);
		distribution.addBehavior(pathPattern, this.origin, {
			allowedMethods: AllowedMethods.ALLOW_ALL,
			cachePolicy: CachePolicy.CACHING_DISABLED,
			// Cookies, query and headers. With the client's host, API Gateway would not find the API.
			originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
			// A redirect would come after the token was sent without TLS.
			viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
			functionAssociations: [{ eventType: FunctionEventType.VIEWER_REQUEST, function: this.function }],
		});
	}
}

/** Replaces what the client may have sent in these headers. */
const viewerRequestCode = `function handler(event) {
	var headers = event.request.headers;
	headers['${hostHeader}'] = { value: headers.host.value };
	headers['${viewerHeader}'] = { value: event.viewer.ip };
	return event.request;
}
`;
