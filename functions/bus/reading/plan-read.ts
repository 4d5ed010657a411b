import type { Demand } from '../../access/service-catalog.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Doubt } from '../doubt/doubts.ts';

/*
 * Which repository to read from: a pure function of what is known of them. The bus does as the plan says (`load.ts`).
 */

/** What a bus knows of one repository. */
export interface RepositoryFacts {
	readonly name: RepositoryName;
	/** Milliseconds that a load may be expected to take, from those that were seen of late and what is usual. */
	readonly latencyMs: number;
	/**
	 * `open`: it failed too often, and is left alone for a while. `half-open`: that while is over, and the next call shows whether
	 * it is well.
	 */
	readonly circuit: 'closed' | 'open' | 'half-open';
	/** What the last look for notes about missed writes said; a repository that was never looked at may be as well as any. */
	readonly doubt: Doubt;
}

export interface Question {
	readonly demand: Demand;
	/** The session is known to be larger than the repositories' stubs: only a repository without a limit has all of it. */
	readonly large: boolean;
}

export interface Plan {
	/** Asked at once: the best candidate, those that it needs to be believed, and those whose turn it is to show that they are well again. */
	readonly first: readonly RepositoryName[];
	/** Asked in this order, each when all before it have failed, said absent or are in doubt. */
	readonly next: readonly RepositoryName[];
	/** After so many milliseconds without an answer the next one is asked as well, if there is a budget; never, when absent. */
	readonly hedgeAfterMs?: number;
}

/** Repositories that keep large sessions as stubs. */
const keepsStubs: ReadonlySet<RepositoryName> = new Set(['dynamodb']);

/** No load is given up on faster: a busy machine alone makes for such delays. */
const hedgeAfterMsMin = 15;
/** A load that takes so many times what it should is one of the slowest per cent (measured: p99 is three times p50). */
const hedgeFactor = 3;

/**
 * The order: whoever can be believed comes before whoever is in doubt, whoever has all of the session before whoever has a stub,
 * closed circuits before open ones, and then the faster before the slower. Equals stay in the order of `facts`.
 *
 * The panic rule: when every circuit is open, none counts as open. A guess beats a refusal.
 */
export function planRead(facts: readonly RepositoryFacts[], question: Question): Plan {
	const panic = facts.every(({ circuit }) => circuit === 'open');
	const known = panic ? facts.map((fact) => ({ ...fact, circuit: 'closed' as const })) : facts;
	const [best, ...others] = known.toSorted(
		(a, b) => rank(a, question) - rank(b, question) || a.latencyMs - b.latencyMs,
	);
	if (best === undefined) return { first: [], next: [] };
	// One that is in doubt counts only together with all others, so there is nothing to wait for.
	const isAskedAtOnce = ({ circuit }: RepositoryFacts) => circuit === 'half-open' || best.doubt === 'missed';
	const probed = others.filter(isAskedAtOnce);
	const next = others.filter((fact) => !isAskedAtOnce(fact));
	const plan = { first: [best, ...probed].map(nameOf), next: next.map(nameOf) };
	const [second] = next;
	return second === undefined || !isWorthHedging(second) ? plan : { ...plan, hedgeAfterMs: hedgeDelayMs(best, second) };
}

/** Lower is better. Each concern outweighs all those after it. */
function rank({ name, circuit, doubt }: RepositoryFacts, { demand, large }: Question): number {
	const disbelieved = doubt === 'missed';
	const unvouched = demand === 'strict' && doubt === 'unknown';
	const partial = large && keepsStubs.has(name);
	return [circuit !== 'closed', disbelieved, partial, unvouched].reduce((sum, bad) => 2 * sum + (bad ? 1 : 0), 0);
}

/** One that would not be believed, or not answer, is no help against a slow one. */
function isWorthHedging({ circuit, doubt }: RepositoryFacts): boolean {
	return circuit === 'closed' && doubt !== 'missed';
}

/** Late enough to be rare when all is well; and where the second one takes as long, not long compared with that. */
function hedgeDelayMs(first: RepositoryFacts, second: RepositoryFacts): number {
	return Math.min(hedgeFactor * first.latencyMs, Math.max(hedgeAfterMsMin, second.latencyMs / 2));
}

function nameOf({ name }: RepositoryFacts): RepositoryName {
	return name;
}
