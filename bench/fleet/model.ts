import type { Timing } from '../../functions/control-table/timing.ts';
import type { Visit } from './trace.ts';

/**
 * A model of a fleet that is fast enough for an access log of millions of requests. It has the
 * times of the protocol and none of its code. A test compares it with the product's code on
 * virtual time.
 */
export interface FleetModel {
	readonly timing: Timing;
	/** Whether clients carry a copy that any environment may use. */
	readonly carried: boolean;
	/** Milliseconds for which an environment is busy with a decision, by its source. */
	readonly busyMs: Readonly<Record<Source, number>>;
	/** An environment that got no request for this long is gone. */
	readonly idleMs: number;
	/** The oldest environment. */
	readonly lifeMs: number;
	/** The fewest environments. @default 1 */
	readonly environmentsMin?: number;
	random(): number;
}

/**
 * - `memory`: without a remote call
 * - `sync`: from memory, after a sync
 * - `borrowed`, `adopted`: from the bus. The owner of the session is alive, or has gone
 */
export type Source = 'memory' | 'sync' | 'borrowed' | 'adopted';

export interface FleetOutcome {
	readonly sources: Readonly<Record<Source, number>>;
	/** Age of the last sync at each decision, in milliseconds. */
	readonly staleMs: readonly number[];
	readonly syncs: number;
	/** Leases that were acquired or renewed. */
	readonly leaseWrites: number;
	readonly leaseReads: number;
	/** Reports of activity that no other message carried. */
	readonly touches: number;
	readonly environmentsMost: number;
	readonly changes: number;
}

interface Environment {
	readonly bornMs: number;
	freeAtMs: number;
	lastSyncMs: number;
	/** When a sync began whose answer waits for the next request, because nothing ran any more. */
	pendingSyncMs: number;
	leaseMs: number;
	/** When each copy was loaded, and the use that the repositories knew of then. */
	readonly copies: Map<string, { readonly loadedMs: number; knownUseMs: number }>;
}

interface Session {
	changedMs: number;
	/** The last use that the repositories know of. */
	knownUseMs: number;
	/** The last use of its owner's lease, and when the client was last given a copy. */
	owner: Environment;
	carriedMs: number;
}

/** Lets the fleet answer these requests, which are in order of time. */
export function simulateFleet(visits: Iterable<Visit>, model: FleetModel): FleetOutcome {
	const { timing, busyMs, idleMs, lifeMs, environmentsMin = 1, carried, random } = model;
	const { maxStalenessMs, copyAgeMs, leaseDurationMs, skewMs, feedRetentionMs, touchIntervalMs } = timing;
	const sources = { memory: 0, sync: 0, borrowed: 0, adopted: 0 };
	const staleMs: number[] = [];
	const sessions = new Map<string, Session>();
	let environments: Environment[] = [];
	let [syncs, leaseWrites, leaseReads, touches, changes, environmentsMost] = [0, 0, 0, 0, 0, 0];

	function choose(nowMs: number): Environment {
		environments = environments.filter(
			(each) => each.freeAtMs > nowMs || (nowMs - each.freeAtMs < idleMs && nowMs - each.bornMs < lifeMs),
		);
		const never = Number.NEGATIVE_INFINITY;
		while (environments.length < environmentsMin || environments.every(({ freeAtMs }) => freeAtMs > nowMs))
			environments.push({
				bornMs: nowMs,
				freeAtMs: nowMs,
				lastSyncMs: never,
				pendingSyncMs: never,
				leaseMs: never,
				copies: new Map(),
			});
		environmentsMost = Math.max(environmentsMost, environments.length);
		const idle = environments.filter(({ freeAtMs }) => freeAtMs <= nowMs);
		return idle[Math.floor(random() * idle.length)] as Environment;
	}

	/** Reads the feed, and keeps the lease. `isAwaited`: the request waits for it. */
	function sync(environment: Environment, nowMs: number, isAwaited: boolean): void {
		syncs++;
		// A longer gap than the feed covers drops every copy.
		const lastReadMs = Math.max(environment.lastSyncMs, environment.pendingSyncMs);
		if (nowMs - lastReadMs > feedRetentionMs - 2 * skewMs) environment.copies.clear();
		for (const [name, { loadedMs }] of environment.copies) {
			const session = sessions.get(name);
			const isGone = nowMs - loadedMs > copyAgeMs || session === undefined || session.changedMs > loadedMs;
			if (isGone) environment.copies.delete(name);
		}
		const settledMs = Math.max(environment.lastSyncMs, environment.pendingSyncMs);
		environment.lastSyncMs = isAwaited ? nowMs : settledMs;
		environment.pendingSyncMs = nowMs;
		if (nowMs - environment.leaseMs < leaseDurationMs / 3) return;
		leaseWrites++;
		environment.leaseMs = nowMs;
	}

	function decide(environment: Environment, { atMs, session: name, change }: Visit): Source {
		const known = sessions.get(name);
		const session = known ?? { changedMs: atMs, knownUseMs: atMs, owner: environment, carriedMs: atMs };
		const sinceSyncMs = atMs - environment.lastSyncMs;
		const waits = sinceSyncMs > maxStalenessMs;
		const isDue = sinceSyncMs >= maxStalenessMs / 2;
		if (isDue) sync(environment, atMs, waits);
		else environment.lastSyncMs = Math.max(environment.lastSyncMs, environment.pendingSyncMs);
		staleMs.push(waits ? 0 : sinceSyncMs);
		if (known === undefined) {
			// A login. Its environment owns the session and has a copy.
			sessions.set(name, session);
			environment.copies.set(name, { loadedMs: atMs, knownUseMs: atMs });
			return waits ? 'sync' : 'memory';
		}
		const source = find(environment, name, session, atMs, waits);
		if (change) {
			changes++;
			session.changedMs = atMs;
			environment.copies.set(name, { loadedMs: atMs, knownUseMs: atMs });
			session.knownUseMs = atMs;
		}
		session.carriedMs = atMs;
		return source;
	}

	function find(environment: Environment, name: string, session: Session, nowMs: number, waits: boolean): Source {
		// The last sync dropped it if it was too old, or if the session had changed by then.
		const copy = environment.copies.get(name);
		const isCarried = carried && nowMs - session.carriedMs <= copyAgeMs && session.changedMs <= session.carriedMs;
		if (copy !== undefined || isCarried) {
			const used = copy ?? { loadedMs: session.carriedMs, knownUseMs: session.knownUseMs };
			environment.copies.set(name, used);
			if (nowMs - used.knownUseMs > touchIntervalMs) {
				touches++;
				used.knownUseMs = nowMs;
				session.knownUseMs = nowMs;
			}
			return waits ? 'sync' : 'memory';
		}
		// The message that loads the session carries its activity.
		session.knownUseMs = nowMs;
		environment.copies.set(name, { loadedMs: nowMs, knownUseMs: nowMs });
		if (session.owner === environment) return 'borrowed';
		leaseReads++;
		if (nowMs - session.owner.leaseMs <= leaseDurationMs + skewMs) return 'borrowed';
		session.owner = environment;
		return 'adopted';
	}

	for (const visit of visits) {
		const environment = choose(visit.atMs);
		const source = decide(environment, visit);
		sources[source]++;
		environment.freeAtMs = visit.atMs + busyMs[source];
	}
	return { sources, staleMs, syncs, leaseWrites, leaseReads, touches, environmentsMost, changes };
}
