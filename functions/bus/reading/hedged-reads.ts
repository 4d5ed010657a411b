import type { Demand } from '../../access/service-catalog.ts';
import { doubtMs } from '../../repositories/ledger.ts';
import type { Loaded, Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { isWhole } from '../../session/stub.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { elapsedMs, ranMs } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import type { Doubts } from '../doubt/doubts.ts';
import type { Asked } from '../receipts.ts';
import type { GuardedRepositories } from './guarded-repositories.ts';
import { type Plan, planRead } from './plan-read.ts';

/** Reads of one session from the repositories, as `planRead` says. */
export interface Reads {
	/**
	 * Asks one repository after the other until `settles` says that an answer is enough, or all have answered. One that is slow
	 * is left behind: what it says later counts for its latency alone.
	 */
	ask(sessionId: SessionId, demand: Demand, settles: (answer: ReadAnswer) => boolean): Promise<ReadResult>;
}

/** What one repository said. */
export interface ReadAnswer {
	readonly name: RepositoryName;
	readonly loaded: Loaded;
	/**
	 * It is whole, and no note says that it missed a change, by a look that was young enough when the record was there; or nobody
	 * who could have such a note is within reach.
	 */
	readonly believed: boolean;
	/** Nobody said whether it missed a change: then assumption A3 alone speaks for it. */
	readonly unvouched: boolean;
	readonly tookMs: number;
}

export interface ReadResult {
	/** In the order in which they came. */
	readonly answers: readonly ReadAnswer[];
	/** In the order in which they were asked. */
	readonly asked: Asked;
	readonly tookMs: number;
	readonly hedged: boolean;
}

/** Forgetting one costs a read of its stub. */
const largeMax = 1_000;

export function createReads(guarded: GuardedRepositories, doubts: Doubts, clock: TimerClock): Reads {
	const repositories = new Map(guarded.repositories.map((repository) => [repository.name, repository]));
	/** Sessions that were seen as stubs: once too large for a repository, always so. */
	const large = createBoundedMap<SessionId, true>(largeMax);
	let budget = initialHedgeBudget;

	async function load(repository: Repository, sessionId: SessionId): Promise<ReadAnswer> {
		const { name } = repository;
		const looking = doubts.about(name);
		const begunAt = clock.now();
		const loaded = await repository.load(sessionId);
		const readAt = clock.now();
		const tookMs = ranMs(begunAt, readAt);
		if (loaded.kind !== 'failed' || loaded.reason !== 'circuit-open') guarded.loadTook(name, tookMs);
		if (loaded.kind !== 'found') return { name, loaded, believed: false, unvouched: false, tookMs };
		if (!isWhole(loaded.session)) {
			large.set(sessionId, true);
			return { name, loaded, believed: false, unvouched: false, tookMs };
		}
		const look = await looking;
		// A look that had grown old when the record was read, in a freeze perhaps, says nothing about the record.
		const inTime = elapsedMs(look.at, readAt) <= doubtMs;
		const unvouched = inTime && look.doubt === 'unknown';
		const believed = (inTime && look.doubt === 'none') || (unvouched && othersAreAway(name));
		return { name, loaded, believed, unvouched, tookMs };
	}

	/** They failed twice in a row just now. One that is merely slow to say what it knows is asked for the record as well. */
	function othersAreAway(name: RepositoryName): boolean {
		return guarded.facts().every((other) => other.name === name || other.circuit !== 'closed');
	}

	function mayHedge(): boolean {
		const left = afterHedge(budget);
		budget = left ?? budget;
		return left !== undefined;
	}

	return {
		ask: async (sessionId, demand, settles) => {
			const facts = guarded.facts().map((fact) => ({ ...fact, doubt: doubts.lastKnown(fact.name) }));
			const plan: Plan = planRead(facts, { demand, large: large.get(sessionId) === true });
			const begunAt = clock.now();
			const asked: { readonly name: RepositoryName; readonly afterMs: number }[] = [];
			const pending = new Map<RepositoryName, Promise<ReadAnswer>>();
			const answers: ReadAnswer[] = [];
			const waiting = [...plan.next];
			const sinceBegunMs = () => ranMs(begunAt, clock.now());
			const ask = (name: RepositoryName | undefined) => {
				const repository = name === undefined ? undefined : repositories.get(name);
				if (repository === undefined) return;
				asked.push({ name: repository.name, afterMs: sinceBegunMs() });
				pending.set(repository.name, load(repository, sessionId));
			};

			// Whoever turns out to be needed is to be believed without a look that takes as long as the repository that is slow.
			for (const { name } of facts) doubts.refresh(name);
			budget = afterRead(budget);
			for (const name of plan.first) ask(name);
			const hedge = plan.hedgeAfterMs === undefined ? undefined : clock.timer(plan.hedgeAfterMs);
			let mayBeLate = hedge !== undefined;
			let hedged = false;
			while (pending.size > 0) {
				const settled = await Promise.race([
					...pending.values(),
					...(hedge !== undefined && mayBeLate ? [hedge.elapsed] : []),
				]);
				if (settled === undefined) {
					mayBeLate = false;
					hedged = waiting.length > 0 && mayHedge();
					if (hedged) ask(waiting.shift());
					continue;
				}
				answers.push(settled);
				pending.delete(settled.name);
				if (settles(settled)) break;
				mayBeLate = false;
				ask(waiting.shift());
			}
			hedge?.cancel();

			const tookMs = sinceBegunMs();
			for (const { name, afterMs } of asked) if (pending.has(name)) guarded.loadIsTaking(name, tookMs - afterMs);
			return { answers, asked: receiptsOf(asked, answers, tookMs), tookMs, hedged };
		},
	};
}

function receiptsOf(
	asked: readonly { readonly name: RepositoryName; readonly afterMs: number }[],
	answers: readonly ReadAnswer[],
	tookMs: number,
): Asked {
	return asked.map(({ name, afterMs }) => {
		const answer = answers.find((each) => each.name === name);
		if (answer === undefined) return { repository: name, outcome: 'unanswered', tookMs: tookMs - afterMs };
		const { loaded } = answer;
		return {
			repository: name,
			outcome: loaded.kind === 'failed' ? loaded.reason : loaded.kind,
			tookMs: answer.tookMs,
		};
	});
}

/**
 * Hedged reads cost a read each, so there is a budget: every read earns a part of one. When all are slow, hedging each of
 * them would only double the load (Dean & Barroso 2013).
 */
export interface HedgeBudget {
	readonly tokens: number;
}

/** So at most one read in twenty is hedged in the long run. */
const earnedPerRead = 0.05;
/** Saved up for the first moments of a repository's slowness, in which nobody knows of it yet. */
const tokensMax = 5;

export const initialHedgeBudget: HedgeBudget = { tokens: 1 };

export function afterRead({ tokens }: HedgeBudget): HedgeBudget {
	return { tokens: Math.min(tokensMax, tokens + earnedPerRead) };
}

/** What is left after one hedge; `undefined` when there is not enough for it. */
export function afterHedge({ tokens }: HedgeBudget): HedgeBudget | undefined {
	return tokens < 1 ? undefined : { tokens: tokens - 1 };
}
