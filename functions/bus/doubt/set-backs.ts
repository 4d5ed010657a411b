import { everySession, type Tally } from '../../repositories/ledger.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';
import type { Doubt } from './doubt.ts';
import type { Notes } from './notes.ts';

/**
 * Which repositories somebody has set back to an earlier moment, from a backup for example.
 *
 * Each repository has its own tally, and the others have copies of it. Buses count up a tally while
 * they read. They write the repository's own tally first and the copies after that, and they read
 * in the opposite order. So a copy is ahead only if the repository was set back, or was replaced by
 * an empty one. The same is true if a copy has another time with the same count.
 *
 * The bus that finds this leaves a marker of every session, and a note, in the other repositories,
 * and queues a sweep, which repairs every session. Only then it counts up the tally of the
 * repository that was set back. So at any moment either the tally or the note keeps readers from
 * believing that repository alone, and the sweep is queued before the tally stops saying so.
 */
export interface SetBacks {
	/**
	 * `missed`: the repository was set back, and there may be no note about that yet. Or it may have
	 * been, because it did not tell its own tally, and another repository told the copy. `unknown`:
	 * no other repository told a copy, or not all of them did.
	 *
	 * The result may be up to `tallyAgeMsMax` old. Nobody can set a repository back within a
	 * shorter time without making it unavailable meanwhile.
	 */
	check(name: RepositoryName): Promise<Doubt>;
}

/**
 * A restored table gets its name when the old one is deleted, which takes minutes. A check that was
 * made before that is too old afterwards.
 */
const tallyAgeMsMax = 10_000;
/** Under load, a new check begins before the last one is too old, so that no read waits for it. */
const renewTallyMs = 5_000;
/** Readers wait for a check for twice as long. The copies are read before. */
const ownWaitMs = 150;
/**
 * The loss of changes between the last count and the moment of a backup is not noticed. Backups are
 * minutes apart, and DynamoDB restores no moment of the last five minutes. Each count costs a write
 * in every repository.
 */
const countEveryMs = 15_000;

export function createSetBacks(
	repositories: readonly Repository[],
	clock: TimerClock,
	notes: Notes,
	repairs: RepairQueue,
): SetBacks {
	/** The last check of each repository that found it as it should be. */
	const passed = new Map<RepositoryName, Instant>();
	const underWay = new Map<RepositoryName, Promise<Doubt>>();
	/** The repositories whose tallies this bus is writing. */
	const writing = new Set<RepositoryName>();

	/** Runs beside the reads, one at a time. If it fails, the next check finds the same again. */
	function write(name: RepositoryName, task: () => Promise<unknown>): void {
		if (writing.has(name)) return;
		writing.add(name);
		void task().finally(() => writing.delete(name));
	}

	async function checkTallies(name: RepositoryName): Promise<Doubt> {
		const at = clock.now();
		const own = repositories.find((repository) => repository.name === name);
		const others = repositories.filter((repository) => repository.name !== name);
		if (own === undefined) return 'unknown';
		const copies = await Promise.all(
			others.map(async (holder) => ({ holder, read: await holder.ledger.readTally(name) })),
		);
		const read = await withinOwnWait(own.ledger.readTally(name));
		// This environment was frozen. The copies may be from before the repository was set back, and
		// its own tally from after that.
		if (elapsedMs(at, clock.now()) > tallyAgeMsMax) return checkTallies(name);
		const known: Copy[] = copies.flatMap((copy) =>
			copy.read.kind === 'known' ? [{ holder: copy.holder, tally: copy.read.tally }] : [],
		);
		// It answers reads, and cannot tell whether it was set back. The others can be asked (A3).
		if (read?.kind !== 'known') return known.length === 0 ? 'unknown' : 'missed';
		const tallies: Tallies = { own, tally: read.tally, copies: known };
		if (isSetBack(tallies)) {
			write(name, () => announce(tallies));
			return 'missed';
		}
		if (known.length < others.length) return 'unknown';
		passed.set(name, at);
		write(name, () => countUp(tallies));
		return 'none';
	}

	/** Undefined if the repository does not answer soon. */
	async function withinOwnWait<Read>(reading: Promise<Read>): Promise<Read | undefined> {
		const patience = clock.timer(ownWaitMs);
		const read = await Promise.race([reading, patience.elapsed]);
		patience.cancel();
		return read ?? undefined;
	}

	async function announce(tallies: Tallies): Promise<void> {
		const { own, copies } = tallies;
		const kept = await Promise.all(copies.map(({ holder }) => notes.keep(holder, own.name, everySession)));
		if (!kept.every(Boolean)) return;
		try {
			await repairs.enqueueSweep(own.name);
		} catch (error) {
			if (error instanceof Unreachable) return;
			throw error;
		}
		await countOn(tallies);
	}

	async function countUp(tallies: Tallies): Promise<void> {
		const { own, tally, copies } = tallies;
		const { wallMs } = clock.now();
		// The clock that counted last may have been ahead.
		if (tally === undefined || Math.abs(wallMs - tally.atMs) >= countEveryMs) return countOn(tallies);
		const behind = copies.filter((copy) => countOf(copy.tally) < tally.count);
		await Promise.all(behind.map((copy) => copy.holder.ledger.writeTally(own.name, tally, copy.tally)));
	}

	/** The repository itself first: a copy must never be ahead of it. */
	async function countOn({ own, tally, copies }: Tallies): Promise<void> {
		const count = Math.max(countOf(tally), ...copies.map((copy) => countOf(copy.tally))) + 1;
		const next = { count, atMs: clock.now().wallMs };
		const written = await own.ledger.writeTally(own.name, next, tally);
		if (written.kind !== 'written') return;
		await Promise.all(copies.map((copy) => copy.holder.ledger.writeTally(own.name, next, copy.tally)));
	}

	function renew(name: RepositoryName): Promise<Doubt> {
		const before = underWay.get(name);
		if (before !== undefined) return before;
		const check = checkTallies(name).finally(() => underWay.delete(name));
		underWay.set(name, check);
		return check;
	}

	return {
		check: async (name) => {
			const last = passed.get(name);
			const ageMs = last === undefined ? Number.POSITIVE_INFINITY : elapsedMs(last, clock.now());
			if (ageMs > tallyAgeMsMax) return renew(name);
			if (ageMs > renewTallyMs) void renew(name);
			return 'none';
		},
	};
}

interface Copy {
	readonly holder: Repository;
	readonly tally: Tally | undefined;
}

interface Tallies {
	readonly own: Repository;
	readonly tally: Tally | undefined;
	readonly copies: readonly Copy[];
}

/**
 * A copy is ahead, or it is a copy of another tally with the same count. A bus that froze while it
 * counted makes such a tally: its write finds the revision that it has read, which was restored.
 */
function isSetBack({ tally, copies }: Tallies): boolean {
	return copies.some((copy) => {
		const aheadBy = countOf(copy.tally) - countOf(tally);
		return aheadBy > 0 || (aheadBy === 0 && copy.tally?.atMs !== tally?.atMs);
	});
}

function countOf(tally: Tally | undefined): number {
	return tally?.count ?? 0;
}
