import { everySession, type Markers } from '../../control-table/markers.ts';
import type { TallyCopies, TallyCopy } from '../../control-table/tally-copies.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { Tally } from '../../repositories/tally.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';
import { despiteFreezes } from './despite-freezes.ts';
import type { Doubt } from './doubt.ts';

/**
 * Which repositories somebody has set back to an earlier moment, from a backup for example.
 *
 * Each repository has its own tally, and the control table has a copy of it. Buses count up a tally
 * while they read, by one, the repository's own first and the copy after that. A check reads in the
 * same order.
 *
 * - If the copy is ahead, and the own tally is behind it when it is read once more, the repository
 *   was set back, or was replaced by an empty one. The same is true if the copy has another time
 *   with the same count. A bus that froze while it counted makes such a tally: its write finds the
 *   revision that it has read, which was restored.
 * - If the copy is behind by more than one, the control table was, and markers may be lost with it.
 *
 * Either way, the repository may lack changes that no marker tells of. The bus that finds this
 * opens a marker of every session and queues a sweep, which repairs every session. Only then it
 * counts up the tally of the repository. So a check that finds the tally counted up finds the
 * marker as well, which it looks for after that. And the sweep is queued before the tally stops
 * saying so.
 */
export interface SetBacks {
	/**
	 * `missed`: one of the two was set back, and not all sessions have been repaired since. Or it
	 * may have been, because it did not tell its tally. `unknown`: the control table did not
	 * answer, and did not say `missed` before.
	 *
	 * The result may be up to `tallyAgeMsMax` old. Nobody can set a repository back within a
	 * shorter time without making it unavailable meanwhile.
	 */
	check(name: RepositoryName): Promise<Doubt>;
	/**
	 * The same, with more time for a repository or a control table that has not told its tally. For a
	 * bus that reaches no other repository, and has to believe this one if nobody knows (A3).
	 */
	insist(name: RepositoryName): Promise<Doubt>;
	/**
	 * How many sweeps of the repository have ended, as far as this bus has seen. If a check raises
	 * the number, a load that was sent before may be from before the sweep.
	 */
	sweepsSeen(name: RepositoryName): number;
	/**
	 * Checks every repository whose last check is old. Nobody waits for it. Writers call this,
	 * because reads check only what they ask: otherwise nobody would count the tally of a
	 * repository that is written and not read.
	 */
	checkAll(): void;
	/**
	 * The same for those that were not in order at their last check. Readers call this, because they
	 * ask others first, and would never learn that such a repository can be believed again.
	 */
	checkDoubted(): void;
	/** The result of the last check, even an old one. It is good enough to choose a repository by. */
	lastKnown(name: RepositoryName): Doubt;
}

/**
 * A restored table gets its name when the old one is deleted, which takes minutes. A check that was
 * made before that is too old afterwards.
 */
const tallyAgeMsMax = 10_000;
/** A repository that was in doubt is believed again soon, and no read waits for one that hangs. */
const doubtAgeMsMax = 1_000;
/** Readers wait for a check for this long. */
const checkWaitMs = 300;
/** A repository that hangs leaves this part of the wait to the control table. */
const ownWaitMs = 150;
/** The first call over a new connection takes longer than others. */
const insistWaitMs = 1_000;
const insistOwnWaitMs = 700;
/**
 * The loss of changes between the last count and the moment of a backup is not noticed. Backups are
 * minutes apart, and DynamoDB restores no moment of the last five minutes. Each count costs two
 * writes.
 */
const countEveryMs = 15_000;
/** Other buses count a tally once in `countEveryMs`, so one of them seldom comes between. */
const attemptsMax = 3;

interface SetBackPorts {
	readonly repositories: readonly Repository[];
	readonly markers: Markers;
	readonly tallyCopies: TallyCopies;
	readonly repairs: RepairQueue;
	readonly clock: TimerClock;
}

export function createSetBacks(ports: SetBackPorts): SetBacks {
	const { repositories, markers, tallyCopies, repairs, clock } = ports;
	/** The last check of each repository that has ended, by the moment when it began. */
	const ended = new Map<RepositoryName, { readonly at: Instant; readonly doubt: Doubt }>();
	const underWay = new Map<RepositoryName, Promise<Doubt>>();
	const insisting = new Map<RepositoryName, Promise<Doubt>>();
	/** The versions of `everySession` that were settled. Each sweep settles another one. */
	const swept = new Map<RepositoryName, Set<number>>(repositories.map(({ name }) => [name, new Set()]));
	/** Those that did not tell their tally at the last check, or whose check a freeze made long. */
	const silent = new Set<RepositoryName>();
	/** The repositories whose tallies this bus is writing. */
	const writing = new Set<RepositoryName>();
	const lastKnown = (name: RepositoryName) => ended.get(name)?.doubt ?? 'none';

	/** Runs beside the reads, one at a time. If it fails, the next check finds the same again. */
	function write(name: RepositoryName, task: () => Promise<unknown>): void {
		if (writing.has(name)) return;
		writing.add(name);
		void unlessUnreachable(task).finally(() => writing.delete(name));
	}

	async function compare(name: RepositoryName, waitMs: number): Promise<Doubt> {
		const own = repositories.find((repository) => repository.name === name);
		if (own === undefined) return 'unknown';
		let read = await tallyWithin(waitMs, own);
		for (let attempt = 0; attempt < attemptsMax; attempt++) {
			const [copy, found] = await Promise.all([tallyCopies.read(name), markers.look(everySession)]);
			// It answers reads, and cannot tell whether it was set back. The others can be asked.
			if (read.kind !== 'known') {
				silent.add(name);
				return 'missed';
			}
			silent.delete(name);
			const { tally } = read;
			const aheadBy = countOf(tally) - countOf(copy);
			if (aheadBy > 1 || (aheadBy === 0 && tally?.atMs !== copy?.atMs)) {
				write(name, () => announce(own, tally, copy));
				return 'missed';
			}
			if (aheadBy >= 0) {
				const marker = found.get(name);
				if (marker?.state === 'open') return 'missed';
				if (marker !== undefined) swept.get(name)?.add(marker.version);
				write(name, () => countUp(own, tally, copy));
				return 'none';
			}
			// Another bus may have counted both between the two reads.
			read = await tallyWithin(waitMs, own);
			if (read.kind === 'known' && countOf(read.tally) < countOf(copy)) {
				const behind = read.tally;
				write(name, () => announce(own, behind, copy));
				return 'missed';
			}
		}
		return 'missed';
	}

	/** A failure if the repository does not answer soon. */
	async function tallyWithin(waitMs: number, { tally }: Repository): ReturnType<typeof tally.read> {
		const patience = clock.timer(waitMs);
		const read = await Promise.race([tally.read(), patience.elapsed]);
		patience.cancel();
		return read ?? { kind: 'failed', reason: 'unavailable', cause: new Error('the tally took too long') };
	}

	async function announce(own: Repository, tally: Tally | undefined, copy: TallyCopy | undefined): Promise<void> {
		await markers.open(everySession, [own.name], { openedAtMs: clock.now().wallMs, expiresAtMs: undefined });
		await repairs.enqueueSweep(own.name);
		await countOn(own, tally, copy);
	}

	async function countUp(own: Repository, tally: Tally | undefined, copy: TallyCopy | undefined): Promise<void> {
		// Before the next count, so that the copy is never behind by more than one.
		if (tally !== undefined && countOf(copy) < tally.count) await tallyCopies.raise(own.name, tally);
		const { wallMs } = clock.now();
		// The clock that counted last may have been ahead.
		if (tally === undefined || Math.abs(wallMs - tally.atMs) >= countEveryMs) await countOn(own, tally, copy);
	}

	/** The repository itself first: the copy must never be ahead of it. */
	async function countOn(own: Repository, tally: Tally | undefined, copy: TallyCopy | undefined): Promise<void> {
		const next = { count: Math.max(countOf(tally), countOf(copy)) + 1, atMs: clock.now().wallMs };
		const written = await own.tally.write(next, tally);
		if (written.kind === 'written') await tallyCopies.raise(own.name, next);
	}

	/** Dated by its begin, because the repository may have been set back since. */
	async function begin(name: RepositoryName, waitMs = checkWaitMs, ownWait = ownWaitMs): Promise<Doubt> {
		const at = clock.now();
		const patience = clock.timer(waitMs);
		const compared = unlessUnreachable(() => compare(name, ownWait));
		const found = (await Promise.race([compared, patience.elapsed])) ?? 'unknown';
		patience.cancel();
		// After a freeze, the repository may have been set back since.
		if (elapsedMs(at, clock.now()) > tallyAgeMsMax) {
			silent.add(name);
			return 'missed';
		}
		const doubt = found === 'unknown' && lastKnown(name) === 'missed' ? 'missed' : found;
		ended.set(name, { at, doubt });
		return doubt;
	}

	const beginAgain = (name: RepositoryName) =>
		despiteFreezes(
			clock,
			insistWaitMs,
			() => begin(name, insistWaitMs, insistOwnWaitMs),
			(doubt) => doubt === 'unknown',
		);

	function share(
		shared: Map<RepositoryName, Promise<Doubt>>,
		name: RepositoryName,
		start: () => Promise<Doubt>,
	): Promise<Doubt> {
		const before = shared.get(name);
		if (before !== undefined) return before;
		const started = start().finally(() => shared.delete(name));
		shared.set(name, started);
		return started;
	}

	const renew = (name: RepositoryName) => share(underWay, name, () => begin(name));

	async function check(name: RepositoryName): Promise<Doubt> {
		const last = ended.get(name);
		if (last === undefined) return renew(name);
		const ageMs = elapsedMs(last.at, clock.now());
		const ageMsMax = last.doubt === 'none' ? tallyAgeMsMax : doubtAgeMsMax;
		if (ageMs > ageMsMax) return renew(name);
		// Under load, a new check begins before the last one is too old, so that no read waits.
		if (ageMs > ageMsMax / 2) void renew(name);
		return last.doubt;
	}

	return {
		check,
		insist: async (name) => {
			const doubt = await check(name);
			const isTold = doubt === 'none' || (doubt === 'missed' && !silent.has(name));
			return isTold ? doubt : share(insisting, name, () => beginAgain(name));
		},
		checkAll: () => {
			for (const { name } of repositories) void check(name);
		},
		checkDoubted: () => {
			for (const { name } of repositories) if (lastKnown(name) !== 'none') void check(name);
		},
		sweepsSeen: (name) => swept.get(name)?.size ?? 0,
		lastKnown,
	};
}

async function unlessUnreachable<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
	try {
		return await call();
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return undefined;
	}
}

function countOf(tally: TallyCopy | undefined): number {
	return tally?.count ?? 0;
}
