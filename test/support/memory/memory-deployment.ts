import { parseKeyring } from '../../../functions/access/keyring.ts';
import { parseServiceCatalog, type ServiceRule } from '../../../functions/access/service-catalog.ts';
import { createBus } from '../../../functions/bus/bus.ts';
import { createSigningKeys } from '../../../functions/bus/signing-keys.ts';
import type { RepairQueue } from '../../../functions/bus/writing/repair-queue.ts';
import type { Feed } from '../../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import { createMemoryCopyKeys } from '../../../functions/control-table/memory/copy-keys.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';
import type { CookieOptions } from '../../../functions/session-server/deployment/browser-settings.ts';
import type { Issuer } from '../../../functions/session-server/deployment/issuers.ts';
import { type Timeouts, timeoutPresets } from '../../../functions/session-server/deployment/timeouts.ts';
import { parseIssuers } from '../../../functions/session-server/deployment/trusted-issuers.ts';
import type { DistributionSecret } from '../../../functions/session-server/distribution/secret.ts';
import { type Api, createApi } from '../../../functions/session-server/http/api.ts';
import { createLoginIssuers } from '../../../functions/session-server/http/browser/browser-logins.ts';
import type { ReadSecret } from '../../../functions/session-server/identity/client-secret.ts';
import type { VerifyIdToken } from '../../../functions/session-server/identity/id-token.ts';
import { fixedTokenKeys } from '../../../functions/session-server/identity/token-keys.ts';
import { createWantsLine } from '../../../functions/session-server/operations/authorize.ts';
import { failedLoginsPerSecondDefault, rateOf } from '../../../functions/session-server/rates.ts';
import { createSessionServer, type SessionServer } from '../../../functions/session-server/session-server.ts';
import type { SendRequest } from '../../../functions/system/http-client.ts';
import type { Log } from '../../../functions/system/log.ts';
import { createMetrics, type Metrics, type PublishMetrics } from '../../../functions/system/metrics.ts';
import { type RandomBytes, systemRandomBytes } from '../../../functions/system/random.ts';
import { createTokenBuckets } from '../../../functions/system/token-bucket.ts';
import { contractText } from '../../../infra/functions/api-contract.ts';
import { checkedApi } from '../api-contract/checked-api.ts';
import { browserSettings } from '../browser-settings.ts';
import { noRepairs } from '../no-repairs.ts';
import { createSettableClock, type SettableClock } from '../settable-clock.ts';
import { createDoubtPorts } from './doubt-ports.ts';

/** The keys of the session server. */
export const memoryKeyring = parseKeyring(
	JSON.stringify([{ id: 'k001', secret: Buffer.alloc(32, 1).toString('base64') }]),
);

/**
 * One session server's API, with a bus and everything behind it in memory. Any ID token logs in the
 * subject that it names. `services` are the service catalog, and `sendRequest` reaches them.
 * `reach` wraps the connection to the bus. An answer that is not as documented fails its request.
 */
export function createMemoryDeployment(
	clientAttributes: readonly string[],
	{
		services = [{ name: 'service' }],
		sendRequest = async () => ({ kind: 'failed', reason: 'unreachable' }),
		reach = (bus) => bus,
		timeouts = timeoutPresets.aal2,
		endingMaxAuthenticationAgeSeconds,
		log = () => undefined,
		publish = () => undefined,
		verifyIdToken,
		randomBytes = systemRandomBytes,
		repositories = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')],
		repairs = noRepairs,
		origins = [],
		cookie = {},
		distributionSecret,
		issuers = [],
		readSecret = async () => ({ kind: 'unavailable', reason: 'there is no secret' }),
		publicUrl,
		clock = createSettableClock(),
		warmLinesPerSecond = 0,
		carries = false,
	}: {
		services?: readonly ServiceRule[];
		sendRequest?: SendRequest;
		verifyIdToken?: VerifyIdToken;
		randomBytes?: RandomBytes;
		reach?: (bus: InvokeBus, clock: SettableClock) => InvokeBus;
		timeouts?: Timeouts;
		endingMaxAuthenticationAgeSeconds?: number;
		log?: Log;
		publish?: PublishMetrics;
		repositories?: readonly Repository[];
		repairs?: RepairQueue;
		origins?: readonly string[];
		cookie?: CookieOptions;
		distributionSecret?: DistributionSecret;
		/** The issuers at which browsers log in. */
		issuers?: readonly Issuer[];
		readSecret?: ReadSecret;
		publicUrl?: string;
		clock?: SettableClock;
		warmLinesPerSecond?: number;
		/** Whether the bus signs copies for clients, and the session server uses them. */
		carries?: boolean;
	} = {},
): { api: Api; server: SessionServer; clock: SettableClock; feed: Feed; leases: LeaseTable; metrics: Metrics } {
	const shared = {
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		clock,
		timing: timingDefaults,
		log,
	};
	const copyKeys = createMemoryCopyKeys(clock);
	const signingKeys = createSigningKeys({ ...shared, copyKeys, randomBytes });
	if (carries) void signingKeys.renewIfDue();
	const bus = createBus({
		...shared,
		currentSigningKey: signingKeys.current,
		repositories,
		subjects: createMemorySubjectIndex(),
		repairs,
		...createDoubtPorts(),
	});
	const context = {
		...shared,
		copyKeys,
		invokeBus: reach((message) => bus(message), clock),
		randomBytes,
		timeouts,
		tokenKeys: fixedTokenKeys(memoryKeyring),
		catalog: parseServiceCatalog(services),
		quota: { max: 100, action: 'end-oldest' } as const,
		copyBytesMax: 1_000_000,
		endingMaxAuthenticationAgeSeconds,
		requestsPerSecond: 100,
	};
	const server = createSessionServer(context);
	const metrics = createMetrics(publish, clock);
	const api = checkedApi(
		createApi({
			server,
			verifyIdToken:
				verifyIdToken ??
				(async (idToken) => ({
					kind: 'verified',
					identity: { subject: idToken, scopes: [], assuranceLevel: 1, authenticatedAtMs: clock.now().wallMs },
				})),
			failedLogins: createTokenBuckets(rateOf(failedLoginsPerSecondDefault)),
			browser: {
				...context,
				issuers: createLoginIssuers(issuers.length === 0 ? [] : parseIssuers(issuers, { limits: timeouts, own: {} }), {
					...context,
					sendRequest,
					readSecret,
				}),
				starts: createTokenBuckets(rateOf(failedLoginsPerSecondDefault)),
				publicUrl,
			},
			sendRequest,
			metrics,
			wantsLine: createWantsLine(warmLinesPerSecond, clock),
			settings: { ...context, ...browserSettings(origins, cookie), clientAttributes: new Set(clientAttributes) },
			distributionSecret,
			readContract: contractText,
			evidenceHeader: false,
		}),
	);
	return { api, server, clock, feed: shared.feed, leases: shared.leases, metrics };
}
