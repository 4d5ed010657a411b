import { type Keyring, parseKeyring } from '../../functions/access/keyring.ts';
import { parseServiceCatalog } from '../../functions/access/service-catalog.ts';
import { type Bus, createBus } from '../../functions/bus/bus.ts';
import { createSigningKeys } from '../../functions/bus/signing-keys.ts';
import type { CopyKeys } from '../../functions/carried/copy-keys.ts';
import type { Feed } from '../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../functions/control-table/lease-table.ts';
import type { Markers } from '../../functions/control-table/markers.ts';
import { createMemoryFeed } from '../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../functions/control-table/memory/lease-table.ts';
import { createMemoryMarkers } from '../../functions/control-table/memory/markers.ts';
import { createMemoryTallyCopies } from '../../functions/control-table/memory/tally-copies.ts';
import type { TallyCopies } from '../../functions/control-table/tally-copies.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { openAnswer } from '../../functions/protocol/answers.ts';
import { envelopeOf } from '../../functions/protocol/envelope.ts';
import { openMessage } from '../../functions/protocol/messages.ts';
import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../functions/repositories/repository.ts';
import type { SubjectIndex } from '../../functions/repositories/subject-index.ts';
import type { InvokeBus } from '../../functions/session-server/bus-client.ts';
import { parseBrowserSettings } from '../../functions/session-server/deployment/browser-settings.ts';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { type Api, createApi } from '../../functions/session-server/http/api.ts';
import { fixedTokenKeys } from '../../functions/session-server/identity/token-keys.ts';
import { failedLoginsPerSecondDefault, rateOf } from '../../functions/session-server/rates.ts';
import { createSessionServer, type SessionServer } from '../../functions/session-server/session-server.ts';
import type { Clock } from '../../functions/system/clock.ts';
import type { Log } from '../../functions/system/log.ts';
import { createMetrics } from '../../functions/system/metrics.ts';
import { systemRandomBytes } from '../../functions/system/random.ts';
import type { TimerClock } from '../../functions/system/timers.ts';
import { createTokenBuckets } from '../../functions/system/token-bucket.ts';

/** The services behind the functions: the control table and the repositories. */
export interface Stores {
	readonly leases: LeaseTable;
	readonly feed: Feed;
	readonly markers: Markers;
	readonly tallyCopies: TallyCopies;
	/** Absent: clients carry no copies. */
	readonly copyKeys?: CopyKeys;
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
}

export function createMemoryStores(): Stores {
	return {
		leases: createMemoryLeaseTable(),
		feed: createMemoryFeed(),
		markers: createMemoryMarkers(),
		tallyCopies: createMemoryTallyCopies(),
		repositories: [createMemoryRepository('dynamodb'), createMemoryRepository('s3')],
		subjects: createMemorySubjectIndex(),
	};
}

export const benchKeyring: Keyring = parseKeyring(
	JSON.stringify([{ id: 'k001', secret: Buffer.alloc(32, 1).toString('base64') }]),
);

/** The service that the benchmark asks for. Every live session may use it. */
export const service = 'profile';

const silent: Log = () => undefined;

/** The bus of the product. Repairs are not part of any workload. */
export function composeBus({ copyKeys, ...stores }: Stores, clock: TimerClock): Bus {
	const ports = { clock, timing: timingDefaults, randomBytes: systemRandomBytes, log: silent };
	const signingKeys = copyKeys && createSigningKeys({ ...ports, copyKeys });
	const bus = createBus({
		...stores,
		...(signingKeys && { currentSigningKey: signingKeys.current }),
		repairs: { enqueue: async () => undefined, enqueueSweep: async () => undefined },
		...ports,
	});
	return (message) => {
		void signingKeys?.renewIfDue();
		return bus(message);
	};
}

/** The bus as session servers reach it: messages and answers travel as JSON. */
export function overWire(bus: Bus): InvokeBus {
	return async (message) => {
		const opened = openMessage(JSON.parse(JSON.stringify(envelopeOf(message))));
		if (opened.kind !== 'opened') throw new Error(`The bus could not read a message: ${opened.kind}.`);
		const answer = openAnswer(JSON.parse(JSON.stringify(envelopeOf(await bus(opened.body)))));
		if (answer.kind !== 'opened') throw new Error(`A session server could not read an answer: ${answer.problem}.`);
		return answer.body;
	};
}

export interface Composed {
	readonly server: SessionServer;
	/** The HTTP API in front of it. A login's bearer token is the subject. */
	readonly api: Api;
	/** Forgets the metrics that were gathered. A handler publishes them after each request. */
	flush(): void;
}

/**
 * A session server of the product with its HTTP API.
 *
 * @param copyBytesMax the room for copies in its memory
 */
export function composeSessionServer(
	{ leases, feed, copyKeys }: Pick<Stores, 'leases' | 'feed' | 'copyKeys'>,
	invokeBus: InvokeBus,
	clock: Clock,
	copyBytesMax = 32 * 1024 * 1024,
): Composed {
	const context = {
		leases,
		feed,
		...(copyKeys && { copyKeys }),
		invokeBus,
		clock,
		randomBytes: systemRandomBytes,
		log: silent,
		timing: timingDefaults,
		timeouts: timeoutPresets.aal2,
		tokenKeys: fixedTokenKeys(benchKeyring),
		catalog: parseServiceCatalog([{ name: service }]),
		quota: { max: 100, action: 'end-oldest' } as const,
		copyBytesMax,
		requestsPerSecond: 100_000,
	};
	const rate = rateOf(failedLoginsPerSecondDefault);
	const metrics = createMetrics(() => undefined, clock);
	const server = createSessionServer(context);
	const api = createApi({
		server,
		verifyIdToken: async (subject) => ({
			kind: 'verified',
			identity: { subject, scopes: ['billing:read'], assuranceLevel: 1, authenticatedAtMs: clock.now().wallMs },
		}),
		failedLogins: createTokenBuckets(rate),
		browser: { ...context, issuers: { find: () => undefined }, starts: createTokenBuckets(rate), publicUrl: undefined },
		sendRequest: async () => {
			throw new Error('The benchmark calls no service.');
		},
		settings: { ...context, ...parseBrowserSettings({}), clientAttributes: new Set(['nickname']) },
		metrics,
		wantsLine: () => false,
		readContract: () => '{}',
		evidenceHeader: true,
	});
	return { server, api, flush: metrics.flush };
}
