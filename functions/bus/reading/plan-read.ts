import type { Demand } from '../../access/service-catalog.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Doubt } from '../doubt/doubt.ts';

/*
 * Which repository to read from, as a pure function of the facts about each of them.
 * `hedged-reads.ts` carries out the plan.
 */

/** The facts that one instance of the bus knows about one repository. */
export interface RepositoryFacts {
	readonly name: RepositoryName;
	/** How long a load is expected to take, from the latest loads and the usual time. */
	readonly latencyMs: number;
	/**
	 * - `open`: it failed too often and is not asked for a while.
	 * - `half-open`: that while is over, and the next call shows whether it is well.
	 */
	readonly circuit: 'closed' | 'open' | 'half-open';
	/** Whether it may lack a change of the session, by a look at the markers. */
	readonly doubt: Doubt;
}

export interface Question {
	readonly demand: Demand;
	/**
	 * The session is known to be stored as a stub. Only a repository without a limit has all of it.
	 */
	readonly large: boolean;
}

export interface Plan {
	/**
	 * Asked at once: the best candidate, those without which its answer does not count, and those
	 * that are to show whether they are well again.
	 */
	readonly first: readonly RepositoryName[];
	/**
	 * Asked in this order, each when all before it have failed, have no record or are in doubt.
	 */
	readonly next: readonly RepositoryName[];
	/**
	 * After this time without an answer, the next one is asked as well if the budget allows it.
	 * Absent: never.
	 */
	readonly hedgeAfterMs?: number;
}

/** The repositories that store large sessions as stubs. */
const keepsStubs: ReadonlySet<RepositoryName> = new Set(['dynamodb']);

/** Shorter delays are common on a busy machine and say nothing about the repository. */
const hedgeAfterMsMin = 15;
/** Measured: p99 is three times p50. So a slower load is one of the slowest per cent. */
const hedgeFactor = 3;

/**
 * Sorts the repositories by these concerns, the most important one first:
 *
 * 1. a closed circuit
 * 2. no known missed change
 * 3. all of the session and not only a stub
 * 4. if the demand is strict: somebody could say that it missed no change
 * 5. the expected latency
 *
 * Equals stay in the order of `facts`.
 *
 * The panic rule: if every circuit is open, none counts as open. The read is then tried anyway,
 * because one repository may be well again.
 */
export function planRead(facts: readonly RepositoryFacts[], question: Question): Plan {
	const panic = facts.every(({ circuit }) => circuit === 'open');
	const known = panic ? facts.map((fact) => ({ ...fact, circuit: 'closed' as const })) : facts;
	const [best, ...others] = known.toSorted(
		(a, b) => rank(a, question) - rank(b, question) || a.latencyMs - b.latencyMs,
	);
	if (best === undefined) return { first: [], next: [] };
	// The answer of a repository in doubt counts only together with all others, so all are asked now.
	// If nobody knows whether it is, those that are down are not waited for.
	const isAskedAtOnce = ({ circuit }: RepositoryFacts) =>
		circuit === 'half-open' || best.doubt === 'missed' || (best.doubt === 'unknown' && circuit === 'closed');
	const probed = others.filter(isAskedAtOnce);
	const next = others.filter((fact) => !isAskedAtOnce(fact));
	const plan = { first: [best, ...probed].map(nameOf), next: next.map(nameOf) };
	const [second] = next;
	return second === undefined || !isWorthHedging(second) ? plan : { ...plan, hedgeAfterMs: hedgeDelayMs(best, second) };
}

/** Lower is better. Each concern outweighs all those after it. */
function rank({ name, circuit, doubt }: RepositoryFacts, { demand, large }: Question): number {
	const untrusted = doubt === 'missed';
	const unverified = demand === 'strict' && doubt === 'unknown';
	const partial = large && keepsStubs.has(name);
	return [circuit !== 'closed', untrusted, partial, unverified].reduce((sum, bad) => 2 * sum + (bad ? 1 : 0), 0);
}

/** If the other repository would not be trusted or not answer, it cannot replace a slow one. */
function isWorthHedging({ circuit, doubt }: RepositoryFacts): boolean {
	return circuit === 'closed' && doubt !== 'missed';
}

/**
 * Late enough that hedges are rare when all is well. If the second repository is slow itself, the
 * delay is short compared with its latency.
 */
function hedgeDelayMs(first: RepositoryFacts, second: RepositoryFacts): number {
	return Math.min(hedgeFactor * first.latencyMs, Math.max(hedgeAfterMsMin, second.latencyMs / 2));
}

function nameOf({ name }: RepositoryFacts): RepositoryName {
	return name;
}
