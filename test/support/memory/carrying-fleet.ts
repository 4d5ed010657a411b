import { generateKeyPairSync } from 'node:crypto';
import { parseServiceCatalog } from '../../../functions/access/service-catalog.ts';
import { createBus } from '../../../functions/bus/bus.ts';
import type { PublishedKey } from '../../../functions/carried/copy-keys.ts';
import type { Feed } from '../../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import { createMemoryCopyKeys } from '../../../functions/control-table/memory/copy-keys.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';
import { timeoutPresets } from '../../../functions/session-server/deployment/timeouts.ts';
import { fixedTokenKeys } from '../../../functions/session-server/identity/token-keys.ts';
import {
	createDecidingServer,
	createSessionServer,
	type DecidingServer,
	type SessionServer,
	type SessionServerContext,
} from '../../../functions/session-server/session-server.ts';
import { systemRandomBytes } from '../../../functions/system/random.ts';
import { exampleStartMs } from '../example-session.ts';
import { noRepairs } from '../no-repairs.ts';
import { createSettableClock } from '../settable-clock.ts';
import { createDoubtPorts } from './doubt-ports.ts';
import { memoryKeyring } from './memory-deployment.ts';

/** Instances that share one bus and all that is behind it, and clients that carry copies. */
export interface CarryingFleet {
	readonly clock: ReturnType<typeof createSettableClock>;
	readonly feed: Feed;
	readonly leases: LeaseTable;
	/** The messages that instances have sent, in order. */
	readonly sent: Message['operation'][];
	/** While this is set, the bus does not answer. */
	outage: boolean;
	start(): SessionServer;
	startAuthorizer(): DecidingServer;
	/** A new session, with its token and the copy for its client. */
	logIn(server: SessionServer): Promise<{ readonly token: string; readonly carried: string; readonly handle: string }>;
	/** How often a key was looked up. */
	lookUps(): number;
}

/** `reach` wraps the connection of each instance to the bus. */
export function createCarryingFleet(
	feed: Feed = createMemoryFeed(),
	reach: (bus: InvokeBus) => InvokeBus = (bus) => bus,
): CarryingFleet {
	const settable = createSettableClock();
	// A wait ends later than what is waited for, and moves no clock.
	const clock = { ...settable, delay: () => new Promise<void>((resolve) => setTimeout(resolve, 100).unref()) };
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	const key: PublishedKey = { id: 'bus-1', publicKey, expiresAtMs: clock.now().wallMs + 86_400_000 };
	const kept = createMemoryCopyKeys(clock);
	void kept.publish(key);
	let lookUps = 0;
	const copyKeys = {
		...kept,
		find: (id: string) => {
			lookUps++;
			return kept.find(id);
		},
	};
	const shared = { leases: createMemoryLeaseTable(), feed, clock, timing: timingDefaults, log: () => undefined };
	const bus = createBus({
		...shared,
		repositories: [createMemoryRepository('dynamodb'), createMemoryRepository('s3')],
		subjects: createMemorySubjectIndex(),
		...createDoubtPorts(),
		repairs: noRepairs,
		currentSigningKey: () => ({ id: key.id, privateKey }),
	});
	const contextOfNew = (): SessionServerContext => ({
		...shared,
		invokeBus: reach(async (message, _withinMs, departed) => {
			fleet.sent.push(message.operation);
			departed?.();
			return fleet.outage
				? { kind: 'unavailable', reason: 'an outage', receipt: { asked: [], degraded: true } }
				: bus(message);
		}),
		randomBytes: systemRandomBytes,
		timeouts: timeoutPresets.aal2,
		tokenKeys: fixedTokenKeys(memoryKeyring),
		copyKeys,
		catalog: parseServiceCatalog([{ name: 'notes' }, { name: 'vault', freshness: 'strict' }]),
		quota: { max: 100, action: 'end-oldest' },
		copyBytesMax: 1_000_000,
		requestsPerSecond: 100,
	});
	const fleet: CarryingFleet = {
		clock,
		feed,
		leases: shared.leases,
		sent: [],
		outage: false,
		start: () => createSessionServer(contextOfNew()),
		startAuthorizer: () => createDecidingServer(contextOfNew()),
		logIn: async (server) => {
			const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
			const loggedIn = await server.login(identity);
			if (loggedIn.kind !== 'established' || loggedIn.carried === undefined) throw new Error(loggedIn.kind);
			return { token: loggedIn.token, carried: loggedIn.carried, handle: loggedIn.session.id };
		},
		lookUps: () => lookUps,
	};
	return fleet;
}
