import type { Demand } from '../../access/service-catalog.ts';
import type { MarkersOfSession } from '../../control-table/markers.ts';
import type { Loaded, Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { isWhole } from '../../session/stub.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { ranMs } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import { type Doubt, doubtBy, worse } from '../doubt/doubt.ts';
import type { Looks } from '../doubt/looks.ts';
import type { SetBacks } from '../doubt/set-backs.ts';
import { loadOutcome, type RepositoryOutcomes } from '../receipts.ts';
import type { GuardedRepositories } from './guarded-repositories.ts';
import { createHedgeBudget } from './hedge-budget.ts';
import { type Plan, planRead, type RepositoryFacts } from './plan-read.ts';

/** Reads of one session from the repositories, in the order of `planRead`. */
export interface HedgedReads {
	/**
	 * Asks one repository after the other until `isEnough` accepts an answer or all have answered.
	 * If a repository is slow, the read may leave it behind. Its later answer then counts only for
	 * its latency.
	 */
	readUntil(
		sessionId: SessionId,
		demand: Demand,
		part: Part,
		isEnough: (answer: ReadAnswer) => boolean,
	): Promise<ReadResult>;
}

/** The `head` of a session is everything but its attributes, as in a stub. */
export type Part = 'whole' | 'head';

/** The answer of one repository. */
export interface ReadAnswer {
	readonly name: RepositoryName;
	readonly loaded: Loaded;
	/**
	 * The record has the wanted part and can be used without those of the other repositories. Either
	 * the repository missed no change of the session, by the look of this read. Or the record is
	 * `unverified` and the other repositories are down.
	 */
	readonly trusted: boolean;
	/**
	 * Nobody could say whether the repository missed a change. Only assumption A3 says that it did
	 * not.
	 */
	readonly unverified: boolean;
	readonly tookMs: number;
}

export interface ReadResult {
	/** In the order in which they came. */
	readonly answers: readonly ReadAnswer[];
	/** In the order in which the repositories were asked. */
	readonly asked: RepositoryOutcomes;
	readonly tookMs: number;
	readonly hedged: boolean;
	/**
	 * The session's markers, by the look of this read. `undefined`: the control table did not answer,
	 * or not before the read was over.
	 */
	readonly markers: MarkersOfSession | undefined;
}

/** A session that is forgotten costs one read of its stub. */
const largeMax = 1_000;

/** Most repairs are done within seconds after the repository is back. */
const leftOpenMs = 60_000;

export function createHedgedReads(
	guarded: GuardedRepositories,
	{ looks, setBacks }: { readonly looks: Looks; readonly setBacks: SetBacks },
	clock: TimerClock,
): HedgedReads {
	const repositories = new Map(guarded.repositories.map((repository) => [repository.name, repository]));
	/** Sessions that were seen as stubs. Once too large for a repository, a session stays so. */
	const large = createBoundedMap<SessionId, true>(largeMax);
	const hedges = createHedgeBudget();

	async function load(repository: Repository, sessionId: SessionId) {
		const { name } = repository;
		const begunAt = clock.now();
		const loaded = await repository.load(sessionId);
		const tookMs = ranMs(begunAt, clock.now());
		if (loaded.kind !== 'failed' || loaded.reason !== 'circuit-open') guarded.loadTook(name, tookMs);
		return { name, loaded, tookMs };
	}

	/**
	 * Loads beside the look. A load that was sent before the look was answered may be from before the
	 * repair that settled the marker, so it is made again. `onLoaded` is called when only the look is
	 * still under way.
	 */
	async function loadAndLook(
		repository: Repository,
		sessionId: SessionId,
		part: Part,
		look: LookUnderWay,
		onLoaded: () => void,
	): Promise<ReadAnswer> {
		const { name } = repository;
		const checking = setBacks.check(name);
		const isEarly = !look.isOver();
		const sweepsSeen = setBacks.sweepsSeen(name);
		let answer = await load(repository, sessionId);
		onLoaded();
		if (answer.loaded.kind !== 'found') return { ...answer, trusted: false, unverified: false };
		const found = await look.result;
		const isAlone = othersAreDown(name);
		const markers = found === undefined && isAlone ? await looks.insist(sessionId) : found;
		// If the control table does not answer, it does not tell its copy of the tally either.
		const checked = isAlone && markers !== undefined ? setBacks.insist(name) : checking;
		const doubt = doubtWith(markers, await checked, name);
		const wasRepaired = (isEarly || markers !== found) && markers?.get(name)?.state === 'settled';
		const mayPrecede = wasRepaired || setBacks.sweepsSeen(name) > sweepsSeen;
		if (mayPrecede && doubt === 'none') answer = await load(repository, sessionId);
		return judge(answer, sessionId, part, doubt, isAlone);
	}

	function judge(
		answer: Awaited<ReturnType<typeof load>>,
		sessionId: SessionId,
		part: Part,
		doubt: Doubt,
		isAlone: boolean,
	): ReadAnswer {
		const { loaded } = answer;
		if (loaded.kind !== 'found') return { ...answer, trusted: false, unverified: false };
		if (!isWhole(loaded.session)) {
			large.set(sessionId, true);
			if (part === 'whole') return { ...answer, trusted: false, unverified: false };
		}
		const unverified = doubt === 'unknown';
		const trusted = doubt === 'none' || (unverified && isAlone);
		return { ...answer, trusted, unverified };
	}

	/**
	 * The others have failed. So before the bus believes an answer that nobody could verify, or gives
	 * up because a repository did not tell its tally in time, it asks once more.
	 */
	async function verify(
		answer: ReadAnswer,
		sessionId: SessionId,
		part: Part,
		known: MarkersOfSession | undefined,
	): Promise<ReadAnswer> {
		const { name } = answer;
		const repository = repositories.get(name);
		const markers = known ?? (await looks.insist(sessionId));
		if (repository === undefined || markers === undefined) return answer;
		const doubt = doubtWith(markers, await setBacks.insist(name), name);
		const again = doubt === 'none' && (markers.get(name)?.state === 'settled' || setBacks.sweepsSeen(name) > 0);
		return judge(again ? await load(repository, sessionId) : answer, sessionId, part, doubt, othersAreDown(name));
	}

	/** A repair that has waited for longer may have come before its marker. */
	function healLeftOpen(
		sessionId: SessionId,
		facts: readonly Omit<RepositoryFacts, 'doubt'>[],
		markers: MarkersOfSession | undefined,
	): void {
		for (const { name, circuit } of facts) {
			const marker = markers?.get(name);
			if (circuit !== 'closed' || marker?.state !== 'open') continue;
			if (clock.now().wallMs - marker.openedAtMs > leftOpenMs) void guarded.reportLeftOpen(sessionId, name);
		}
	}

	function isClosed(name: RepositoryName): boolean {
		return guarded.facts().some((fact) => fact.name === name && fact.circuit === 'closed');
	}

	/** Whether each other repository has just failed twice in a row. */
	function othersAreDown(name: RepositoryName): boolean {
		return guarded.facts().every((other) => other.name === name || other.circuit !== 'closed');
	}

	return {
		readUntil: async (sessionId, demand, part, isEnough) => {
			const known = looks.isDown() ? 'unknown' : 'none';
			const look = inProgress(looks.look(sessionId));
			setBacks.checkDoubted();
			const facts = guarded.facts().map((fact) => ({ ...fact, doubt: worse(known, setBacks.lastKnown(fact.name)) }));
			const plan: Plan = planRead(facts, { demand, large: part === 'whole' && large.get(sessionId) === true });
			const begunAt = clock.now();
			const asked: AskedRepository[] = [];
			const pending = new Map<RepositoryName, Promise<ReadAnswer>>();
			/** Those that have answered, and may still wait for the look. */
			const loaded = new Set<RepositoryName>();
			const answers: ReadAnswer[] = [];
			const waiting = [...plan.next];
			const sinceBegunMs = () => ranMs(begunAt, clock.now());
			const ask = (name: RepositoryName | undefined) => {
				const repository = name === undefined ? undefined : repositories.get(name);
				if (repository === undefined) return;
				asked.push({ name: repository.name, afterMs: sinceBegunMs() });
				const onLoaded = () => void loaded.add(repository.name);
				pending.set(repository.name, loadAndLook(repository, sessionId, part, look, onLoaded));
			};

			hedges.earn();
			for (const name of plan.first) ask(name);
			const hedge = plan.hedgeAfterMs === undefined ? undefined : clock.timer(plan.hedgeAfterMs);
			let mayHedge = hedge !== undefined;
			let isLooking = true;
			let hedged = false;
			while (pending.size > 0) {
				const event = await Promise.race([
					...(isLooking ? [look.result.then(() => 'looked' as const)] : []),
					...pending.values(),
					...(hedge !== undefined && mayHedge ? [hedge.elapsed] : []),
				]);
				if (event === 'looked') {
					isLooking = false;
					const markers = await look.result;
					healLeftOpen(sessionId, facts, markers);
					// Those that were asked may count only together with the others, so those are asked now.
					if (asked.every(({ name }) => doubtBy(markers, name) !== 'none'))
						for (const name of [...waiting]) {
							if (markers === undefined && !isClosed(name)) continue;
							waiting.splice(waiting.indexOf(name), 1);
							ask(name);
						}
					continue;
				}
				if (event === undefined) {
					// The time for a hedge has come.
					mayHedge = false;
					hedged = waiting.length > 0 && hedges.spend();
					if (hedged) ask(waiting.shift());
					continue;
				}
				answers.push(event);
				pending.delete(event.name);
				if (isEnough(event)) break;
				mayHedge = false;
				ask(waiting.shift());
			}
			hedge?.cancel();
			const isJoined = answers.filter(hasAnswered).length === repositories.size;
			const markers = look.isOver() ? await look.result : undefined;
			for (const [index, answer] of answers.entries())
				if (!isJoined && mayCount(answer, part, markers))
					answers[index] = await verify(answer, sessionId, part, markers);

			const tookMs = sinceBegunMs();
			for (const { name, afterMs } of asked)
				if (pending.has(name) && !loaded.has(name)) guarded.loadIsTaking(name, tookMs - afterMs);
			return { answers, asked: outcomesOf(asked, answers, tookMs), tookMs, hedged, markers };
		},
	};
}

/**
 * The doubt about a repository for either reason. A bus that reaches the control table does not
 * rely on assumption A3, even if the table did not tell its copy of the tally.
 */
function doubtWith(markers: MarkersOfSession | undefined, setBack: Doubt, name: RepositoryName): Doubt {
	const told = markers !== undefined && setBack === 'unknown' ? 'missed' : setBack;
	return worse(doubtBy(markers, name), told);
}

/** Whether another look at the markers, or at the tally, may show that the answer counts. */
function mayCount({ name, loaded, trusted }: ReadAnswer, part: Part, markers: MarkersOfSession | undefined): boolean {
	if (trusted || loaded.kind !== 'found' || doubtBy(markers, name) === 'missed') return false;
	return part === 'head' || isWhole(loaded.session);
}

function hasAnswered({ loaded }: ReadAnswer): boolean {
	return loaded.kind !== 'failed';
}

interface InProgress<Result> {
	readonly result: Promise<Result>;
	isOver(): boolean;
}

type LookUnderWay = InProgress<MarkersOfSession | undefined>;

function inProgress<Result>(result: Promise<Result>): InProgress<Result> {
	let over = false;
	const end = () => {
		over = true;
	};
	void result.then(end, end);
	return { result, isOver: () => over };
}

interface AskedRepository {
	readonly name: RepositoryName;
	/** Milliseconds from the begin of the read until this repository was asked. */
	readonly afterMs: number;
}

function outcomesOf(
	asked: readonly AskedRepository[],
	answers: readonly ReadAnswer[],
	tookMs: number,
): RepositoryOutcomes {
	return asked.map(({ name, afterMs }) => {
		const answer = answers.find((each) => each.name === name);
		if (answer === undefined) return { repository: name, outcome: 'unanswered', tookMs: tookMs - afterMs };
		return { ...loadOutcome(name, answer.loaded), tookMs: answer.tookMs };
	});
}
