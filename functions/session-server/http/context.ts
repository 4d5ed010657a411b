import type { SendRequest } from '../../system/http-client.ts';
import type { Metrics } from '../../system/metrics.ts';
import type { SessionServerContext } from '../context.ts';
import type { VerifyIdToken } from '../identity/id-token.ts';
import type { SessionServer } from '../session-server.ts';

/** What the API's operations work with. */
export interface ApiContext {
	readonly server: SessionServer;
	readonly verifyIdToken: VerifyIdToken;
	/** Reaches the services that requests go on to. */
	readonly sendRequest: SendRequest;
	readonly settings: Pick<SessionServerContext, 'clientAttributes' | 'timeouts' | 'log' | 'catalog'>;
	readonly metrics: Metrics;
	/** Answers carry their evidence in `x-session-evidence`. */
	readonly evidenceHeader: boolean;
}
