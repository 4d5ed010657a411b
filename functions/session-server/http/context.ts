import type { SendRequest } from '../../system/http-client.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { RandomBytes } from '../../system/random.ts';
import type { TokenBuckets } from '../../system/token-bucket.ts';
import type { BrowserSettings } from '../deployment/browser-settings.ts';
import type { DistributionSecret } from '../distribution/secret.ts';
import type { VerifyIdToken } from '../identity/id-token.ts';
import type { TokenKeys } from '../identity/token-keys.ts';
import type { WantsLine } from '../operations/authorize.ts';
import type { SessionServer, SessionServerContext } from '../session-server.ts';
import type { LoginIssuers } from './browser/browser-logins.ts';

/** The session server, the ports and the settings that the operations of the API use. */
export interface ApiContext {
	readonly server: SessionServer;
	readonly verifyIdToken: VerifyIdToken;
	/** The failed logins that each network of clients has left. */
	readonly failedLogins: TokenBuckets<string>;
	readonly browser: BrowserContext;
	/** Sends requests to the services. */
	readonly sendRequest: SendRequest;
	readonly settings: Pick<SessionServerContext, 'clock' | 'log' | 'catalog'> &
		BrowserSettings & {
			/** Names of the attributes that clients may read and write. */
			readonly clientAttributes: ReadonlySet<string>;
		};
	/** The secret of the CloudFront distribution, if requests must come through one. */
	readonly distributionSecret?: DistributionSecret | undefined;
	readonly metrics: Metrics;
	/** Which allowed decisions of `/v1/authorize` get a line in the log. */
	readonly wantsLine: WantsLine;
	/**
	 * The text of `openapi.json`. It is read when a client asks for it, so no start waits for it.
	 */
	readonly readContract: () => string;
	/** Whether answers have their evidence in `x-session-evidence`. */
	readonly evidenceHeader: boolean;
}

/** The issuers and settings of logins in a browser. */
export interface BrowserContext {
	/** The API's own address, as browsers see it. `undefined`: the host of each request. */
	readonly publicUrl: string | undefined;
	readonly issuers: LoginIssuers;
	/** The logins that each network of clients may still begin. */
	readonly starts: TokenBuckets<string>;
	readonly tokenKeys: Pick<TokenKeys, 'forSigning'>;
	readonly randomBytes: RandomBytes;
}

/** The segments of a path for which its route has `{name}`, by that name. */
export type PathParameters = Readonly<Record<string, string | undefined>>;
