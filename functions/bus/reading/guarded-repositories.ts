import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { Failed } from '../../repositories/failed.ts';
import type { Propose, Repository } from '../../repositories/repository.ts';
import type { IndexFailed, SubjectIndex } from '../../repositories/subject-index.ts';
import { withRevocation } from '../../session/changes.ts';
import { DifferentSessions } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { contradict } from '../../session/signed-part.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';
import type { RepositoryFacts } from './plan-read.ts';
import {
	createCorruptReport,
	createLeftOpenReport,
	type ReportCorrupt,
	type ReportLeftOpen,
} from './repair-requests.ts';

/** Repositories behind circuit breakers, and what this instance of the bus has seen of them. */
export interface GuardedRepositories {
	/**
	 * When a circuit is open, loads and merges fail at once with reason `circuit-open`. When a load
	 * meets a corrupt record, its repair is queued.
	 *
	 * A merge throws `DifferentSessions` if the stored record and the proposal contradict each other.
	 * So the record of one repository never spreads to another one that says something else. The bus
	 * has no key to tell which of them is forged. Only the end of a session spreads all the same.
	 */
	readonly repositories: readonly Repository[];
	readonly reportCorrupt: ReportCorrupt;
	readonly reportLeftOpen: ReportLeftOpen;
	/** The index behind the circuit of the repository that it is kept with. */
	guardIndex(subjects: SubjectIndex): SubjectIndex;
	/** In the order of the repositories. */
	facts(): readonly Omit<RepositoryFacts, 'doubt'>[];
	/** Counts a load that has ended, with any result. */
	loadTook(name: RepositoryName, tookMs: number): void;
	/** Counts a load that continues after another repository has overtaken it. */
	loadIsTaking(name: RepositoryName, soFarMs: number): void;
}

interface GuardPorts {
	readonly repairs: RepairQueue;
	readonly clock: Clock;
	readonly log: Log;
}

/** Each failure is already the second try of the SDK. */
const failuresToOpen = 2;
/**
 * During an outage, each instance of the bus asks the repository once in this time. A repository
 * that is well again is used again after that.
 */
const openMs = 1_000;
/** A load that takes longer was frozen on its way, which says nothing about the repository. */
const latencyMsMax = 2_000;

/** The median load in milliseconds, within a region. */
const usualMs: Readonly<Record<RepositoryName, number>> = { dynamodb: 5, s3: 25, memory: 0 };

export function guardRepositories(repositories: readonly Repository[], ports: GuardPorts): GuardedRepositories {
	const reportCorrupt = createCorruptReport(ports);
	const guards = repositories.map((repository) => createGuard(repository, ports.clock));
	/** The panic rule: when every circuit is open, all are asked, because one may be well again. */
	const panics = () => guards.every((guard) => guard.circuit() === 'open');
	const guardOf = (name: RepositoryName) => guards.find((guard) => guard.repository.name === name);
	return {
		repositories: guards.map(({ repository, throughCircuit }) => {
			const loadAndReport = async (id: SessionId) => {
				const loaded = await repository.load(id);
				if (isFailure(loaded, 'corrupt')) void reportCorrupt(repository.name, id);
				return loaded;
			};
			return {
				...repository,
				load: (id) => (panics() ? loadAndReport(id) : throughCircuit(() => loadAndReport(id))),
				merge: (id, propose, ...how) => {
					const merge = () => repository.merge(id, unlessContradicted(propose), ...how);
					return panics() ? merge() : throughCircuit(merge);
				},
			};
		}),
		reportCorrupt,
		reportLeftOpen: createLeftOpenReport(ports),
		guardIndex: (subjects) => {
			const guard = guardOf(subjects.name);
			if (guard === undefined) return subjects;
			const reach = async <Result>(call: () => Promise<Result | IndexFailed>): Promise<Result | IndexFailed> => {
				if (panics()) return call();
				const reached = await guard.throughCircuit(call);
				return isFailure(reached, 'circuit-open') ? { ...reached, reason: 'unavailable' } : reached;
			};
			return {
				name: subjects.name,
				read: (subject) => reach(() => subjects.read(subject)),
				change: (subject, decide) => reach(() => subjects.change(subject, decide)),
			};
		},
		facts: () =>
			guards.map(({ repository, circuit, latencyMs }) => ({
				name: repository.name,
				circuit: circuit(),
				latencyMs: latencyMs(),
			})),
		loadTook: (name, tookMs) => {
			if (tookMs > latencyMsMax) return;
			guardOf(name)?.updateLatency((seen) => latencyAfterLoad(seen, tookMs));
		},
		loadIsTaking: (name, soFarMs) => guardOf(name)?.updateLatency((seen) => latencyDuringLoad(seen, soFarMs)),
	};
}

function createGuard(repository: Repository, clock: Clock) {
	const expectedMs = usualMs[repository.name];
	let latencyMs = expectedMs;
	let updatedAt = clock.now();
	let openedAt: Instant | undefined;
	// Only `unavailable` counts: a record that cannot be read says nothing about the repository.
	const breaker = circuitBreaker(
		handleWhenResult((result) => isFailure(result, 'unavailable')),
		{ halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failuresToOpen) },
	);
	breaker.onBreak(() => {
		openedAt = clock.now();
	});
	function circuit(): RepositoryFacts['circuit'] {
		if (breaker.state === CircuitState.Closed) return 'closed';
		const waitedMs = openedAt === undefined ? openMs : elapsedMs(openedAt, clock.now());
		return breaker.state === CircuitState.Open && waitedMs < openMs ? 'open' : 'half-open';
	}
	function seenLatency(now: Instant): SeenLatency {
		return { latencyMs, expectedMs, sinceMs: elapsedMs(updatedAt, now) };
	}
	return {
		repository,
		circuit,
		latencyMs: () => latencyWithoutNews(seenLatency(clock.now())),
		updateLatency: (update: (seen: SeenLatency) => number) => {
			const now = clock.now();
			latencyMs = update(seenLatency(now));
			updatedAt = now;
		},
		throughCircuit: async <Result>(call: () => Promise<Result>): Promise<Result | Failed> => {
			try {
				return await breaker.execute(call);
			} catch (cause) {
				if (!(cause instanceof BrokenCircuitError)) throw cause;
				// The library reads the wall clock alone. If somebody set that back, the library would
				// refuse calls until the wall clock has caught up.
				return circuit() === 'open' ? { kind: 'failed', reason: 'circuit-open', cause } : call();
			}
		},
	};
}

function unlessContradicted(propose: Propose): Propose {
	return (stored) => {
		const proposed = propose(stored);
		if (stored === undefined || proposed === undefined || !contradict(stored, proposed)) return proposed;
		const revocation = stored.revocation ?? proposed.revocation;
		if (revocation !== undefined) return withRevocation(stored, revocation);
		throw new DifferentSessions(`the records of ${stored.id} contradict each other`);
	};
}

function isFailure(result: unknown, reason: Failed['reason']): result is Failed {
	const failure = result as { readonly kind: string; readonly reason?: string };
	return failure.kind === 'failed' && failure.reason === reason;
}

/**
 * How long a repository's loads have taken recently, as a peak EWMA. A slower load counts at once
 * and in full. Faster loads bring the figure down only as time passes. So one slow answer is enough
 * to send reads elsewhere, and they return after a while, not after a number of requests. Finagle's
 * load balancer and Envoy do the same.
 */
export interface SeenLatency {
	/** The figure at the last load. */
	readonly latencyMs: number;
	/** How long a load takes when all is well. Without loads, the figure returns to this. */
	readonly expectedMs: number;
	/** How long ago the last load was counted. */
	readonly sinceMs: number;
}

/** After this time, an earlier figure counts for 37 per cent of what it did. */
const decayMs = 3_000;

export function latencyWithoutNews({ latencyMs, expectedMs, sinceMs }: SeenLatency): number {
	return expectedMs + (latencyMs - expectedMs) * Math.exp(-sinceMs / decayMs);
}

export function latencyAfterLoad(seen: SeenLatency, tookMs: number): number {
	return tookMs >= seen.latencyMs ? tookMs : latencyWithoutNews({ ...seen, expectedMs: tookMs });
}

/** A load that has not ended can only raise the figure. */
export function latencyDuringLoad(seen: SeenLatency, soFarMs: number): number {
	return Math.max(soFarMs, latencyWithoutNews(seen));
}
