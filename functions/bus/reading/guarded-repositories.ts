import { BrokenCircuitError, CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhenResult } from 'cockatiel';
import type { Failed } from '../../repositories/failed.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { IndexFailed, SubjectIndex } from '../../repositories/subject-index.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError, type Log } from '../../system/log.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';
import type { RepositoryFacts } from './plan-read.ts';

/** Repositories behind circuit breakers, and what this instance of the bus has seen of them. */
export interface GuardedRepositories {
	/** Loads and merges that meet an open circuit fail at once, with reason `circuit-open`. */
	readonly repositories: readonly Repository[];
	/** The index, behind the circuit of the repository that it is kept with. */
	guardIndex(subjects: SubjectIndex): SubjectIndex;
	/** In the order of the repositories. */
	facts(): readonly Omit<RepositoryFacts, 'doubt'>[];
	/** A load of `name` took so long, whatever came of it. */
	loadTook(name: RepositoryName, tookMs: number): void;
	/** A load of `name` that another repository overtook has taken so long, and goes on. */
	loadIsTaking(name: RepositoryName, soFarMs: number): void;
}

/** Each failure is the SDK's second try already. */
const failuresToOpen = 2;
/** An outage is asked about once a second and instance; a repository that returned is in use again after that. */
const openMs = 1_000;
/** A load that ends later than this was frozen on its way, which says nothing about the repository. */
const latencyMsMax = 2_000;

/** A session that is read often would fill the queue, and one repair is enough. */
const reportAgainMs = 60_000;
/** Forgetting one costs a message. */
const reportedMax = 1_000;

/** Median loads in milliseconds, within a region. */
const usualMs: Readonly<Record<RepositoryName, number>> = { dynamodb: 5, s3: 25, memory: 0 };

/** What guarding takes besides the repositories. */
interface GuardPorts {
	readonly repairs: RepairQueue;
	readonly clock: Clock;
	readonly log: Log;
}

export function guardRepositories(repositories: readonly Repository[], ports: GuardPorts): GuardedRepositories {
	const guards = reportCorrupt(repositories, ports).map((repository) => createGuard(repository, ports.clock));
	/** The panic rule: when all circuits are open, nobody is spared, since a guess beats a refusal. */
	const panics = () => guards.every((guard) => guard.circuit() === 'open');
	const guardOf = (name: RepositoryName) => guards.find((guard) => guard.repository.name === name);
	return {
		repositories: guards.map(({ repository, throughCircuit }) => ({
			...repository,
			load: (id) => (panics() ? repository.load(id) : throughCircuit(() => repository.load(id))),
			merge: (...merge) => (panics() ? repository.merge(...merge) : throughCircuit(() => repository.merge(...merge))),
		})),
		guardIndex: (subjects) => {
			const guard = guardOf(subjects.name);
			if (guard === undefined) return subjects;
			const reach = async <Result>(call: () => Promise<Result | IndexFailed>): Promise<Result | IndexFailed> => {
				if (panics()) return call();
				const reached = await guard.throughCircuit(call);
				return isRefused(reached) ? { ...reached, reason: 'unavailable' } : reached;
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
			if (tookMs <= latencyMsMax) guardOf(name)?.news(({ latency, sinceMs }) => withLoad(latency, tookMs, sinceMs));
		},
		loadIsTaking: (name, soFarMs) =>
			guardOf(name)?.news(({ latency, expectedMs, sinceMs }) =>
				withUnfinishedLoad(latency, expectedMs, soFarMs, sinceMs),
			),
	};
}

function createGuard(repository: Repository, clock: Clock) {
	const expectedMs = usualMs[repository.name];
	let latency = initialLatency(expectedMs);
	let newsAt = clock.now();
	let openedAt: Instant | undefined;
	// A record that cannot be read says nothing about the repository's health.
	const breaker = circuitBreaker(
		handleWhenResult((result) => isUnavailable(result)),
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
	return {
		repository,
		circuit,
		latencyMs: () => decayed(latency, expectedMs, elapsedMs(newsAt, clock.now())).ms,
		news: (update: (known: { latency: Latency; expectedMs: number; sinceMs: number }) => Latency) => {
			const now = clock.now();
			latency = update({ latency, expectedMs, sinceMs: elapsedMs(newsAt, now) });
			newsAt = now;
		},
		throughCircuit: async <Result>(call: () => Promise<Result>): Promise<Result | Failed> => {
			try {
				return await breaker.execute(call);
			} catch (cause) {
				if (!(cause instanceof BrokenCircuitError)) throw cause;
				// The library reads the wall clock alone. Where that was set back, it would refuse until the time has come again.
				return circuit() === 'open' ? { kind: 'failed', reason: 'circuit-open', cause } : call();
			}
		},
	};
}

function isRefused(result: unknown): result is Failed {
	const { kind, reason } = result as { readonly kind: string; readonly reason?: string };
	return kind === 'failed' && reason === 'circuit-open';
}

function isUnavailable(result: unknown): boolean {
	const { kind, reason } = result as { readonly kind: string; readonly reason?: string };
	return kind === 'failed' && reason === 'unavailable';
}

/**
 * The repositories, whose corrupt records are reported and have their repair queued when a load meets one. The load waits for
 * nothing of that: it is answered from another repository. A record of a later schema is no repair's business.
 */
function reportCorrupt(
	repositories: readonly Repository[],
	{ repairs, clock, log }: GuardPorts,
): readonly Repository[] {
	const reported = createBoundedMap<SessionId, Instant>(reportedMax);

	async function report({ name }: Repository, sessionId: SessionId): Promise<void> {
		const before = reported.get(sessionId);
		if (before !== undefined && elapsedMs(before, clock.now()) < reportAgainMs) return;
		reported.set(sessionId, clock.now());
		log('error', 'a record is corrupt', { repository: name, sessionId });
		try {
			await repairs.enqueue(sessionId, [name]);
		} catch (error) {
			reported.delete(sessionId);
			log('warn', 'the repair of a corrupt record could not be queued', { sessionId, ...describeError(error) });
		}
	}

	return repositories.map((repository) => ({
		...repository,
		load: async (id) => {
			const loaded = await repository.load(id);
			if (loaded.kind === 'failed' && loaded.reason === 'corrupt') void report(repository, id);
			return loaded;
		},
	}));
}

/**
 * How long a repository's loads have taken of late: a peak EWMA. A slower load counts at once and in full, faster ones
 * bring the figure down as time passes. So one slow answer is enough to go elsewhere, and it takes a while, not a number of
 * requests, to come back. As Finagle's load balancer and Envoy do it.
 */
export interface Latency {
	readonly ms: number;
}

/** In this time, what was seen counts for 37 per cent of what it did. */
const decayMs = 3_000;

/** `expectedMs` is what the repository takes when all is well: with no news the figure goes back there. */
export function initialLatency(expectedMs: number): Latency {
	return { ms: expectedMs };
}

/** The figure `elapsedMs` after it was last brought up to date. */
export function decayed(latency: Latency, expectedMs: number, elapsedMs: number): Latency {
	const kept = Math.exp(-elapsedMs / decayMs);
	return { ms: expectedMs + (latency.ms - expectedMs) * kept };
}

/** The figure with a load that took `tookMs` and ended `elapsedMs` after the last news. */
export function withLoad(latency: Latency, tookMs: number, elapsedMs: number): Latency {
	return tookMs >= latency.ms ? { ms: tookMs } : decayed(latency, tookMs, elapsedMs);
}

/** The figure with a load that has taken `soFarMs` and has not ended: it can only turn out worse. */
export function withUnfinishedLoad(latency: Latency, expectedMs: number, soFarMs: number, elapsedMs: number): Latency {
	return { ms: Math.max(soFarMs, decayed(latency, expectedMs, elapsedMs).ms) };
}
