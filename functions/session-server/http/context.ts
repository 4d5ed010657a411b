import type { SendRequest } from '../../system/http-client.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { VerifyIdToken } from '../identity/id-token.ts';
import type { SessionServer, SessionServerContext } from '../session-server.ts';

/** What the API's operations work with. */
export interface ApiContext {
	readonly server: SessionServer;
	readonly verifyIdToken: VerifyIdToken;
	/** Reaches the services that requests are forwarded to. */
	readonly sendRequest: SendRequest;
	readonly settings: Pick<SessionServerContext, 'timeouts' | 'log' | 'catalog'> & {
		/** Names of the attributes that clients may read and write. */
		readonly clientAttributes: ReadonlySet<string>;
	};
	readonly metrics: Metrics;
	/** Answers carry their evidence in `x-session-evidence`. */
	readonly evidenceHeader: boolean;
}

/** What stands in a path where its route has `{name}`. */
export type PathParameters = Readonly<Record<string, string | undefined>>;
