import { doubtMs, everySession, type Ledger } from '../../repositories/ledger.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';
import type { Doubt } from './doubt.ts';
import { createNotes } from './notes.ts';
import { createSetBacks } from './set-backs.ts';

/**
 * Which repositories may lack a change that was acknowledged without them.
 *
 * A repository misses a change, and the bus wants to acknowledge the change all the same. The bus
 * first writes a marker for the session, and a note, both in a repository that has the change. Then
 * it waits until the note has been there for `doubtMs`. A reader that trusts a single repository
 * must have checked for such notes at most `doubtMs` ago. This keeps I1:
 *
 * - A reader that checked before the note was there has read before the change was acknowledged, so
 *   it need not see the change.
 * - A reader that checks while the note is there does not trust the repository that missed the
 *   change.
 * - A repair withdraws the note only when no marker is left, and at least `doubtMs` after it found
 *   none. A reader that checked after the note was gone has read after the change was repaired.
 *
 * A repository that somebody has set back to an earlier moment counts as one that missed changes of
 * every session (`set-backs.ts`).
 */
export interface Doubts {
	/**
	 * Whether `name` may be trusted alone. The check is at most `doubtMs` old, unless the
	 * environment was frozen: compare its moment with that of the read.
	 */
	check(name: RepositoryName): Promise<NoteCheck>;
	/** Begins a new check if one is due, for a read that may need it soon. */
	refresh(name: RepositoryName): void;
	/**
	 * The result of the last check, which may be old. It is good enough to choose a repository by,
	 * not to trust one.
	 */
	lastKnown(name: RepositoryName): Doubt;
	/**
	 * Whether the repository was set back and not all sessions have been repaired since. `false` also
	 * if no other repository can tell.
	 */
	wasSetBack(name: RepositoryName): Promise<boolean>;
	/**
	 * Announces that `missing` missed a change of the session which `holders` have. `false`: for at
	 * least one of `missing`, no holder took the note.
	 */
	raise(id: SessionId, missing: readonly RepositoryName[], holders: readonly Repository[]): Promise<boolean>;
}

/** The result of one check for notes about a repository. */
export interface NoteCheck {
	/** The moment before the other repositories were asked. */
	readonly at: Instant;
	readonly doubt: Doubt;
}

/**
 * A check that is older than this is renewed in the background. If the new check gets no answer, it
 * ends `checkWaitMs` later, before the old one exceeds `checkAgeMsMax` (0.4 + 0.3 < 0.8). So under
 * load no read waits for a check, even if a repository is silent.
 */
const renewCheckMs = 0.4 * doubtMs;
/**
 * A read waits for a new check if the last one is older than this. The rest of `doubtMs` is for the
 * read itself.
 */
const checkAgeMsMax = 0.8 * doubtMs;

/**
 * Repositories answer within a fraction of this. The rest of `doubtMs` is for reads that use the
 * result `unknown`.
 */
const checkWaitMs = 300;

export function createDoubts(repositories: readonly Repository[], clock: TimerClock, repairs: RepairQueue): Doubts {
	/** The last check of each repository that has ended. */
	const ended = new Map<RepositoryName, NoteCheck>();
	/** The last check of each repository that has begun. It may have ended. */
	const begun = new Map<RepositoryName, { readonly at: Instant; readonly check: Promise<NoteCheck> }>();
	const notes = createNotes(clock);
	const setBacks = createSetBacks(repositories, clock, notes, repairs);

	/**
	 * The check is dated by its begin, because a note may have come since. A repository that does not
	 * answer in time counts as out of reach (A3).
	 */
	async function checkNotes(name: RepositoryName): Promise<NoteCheck> {
		const at = clock.now();
		const patience = clock.timer(checkWaitMs);
		const found = (await Promise.race([askOthers(name), patience.elapsed])) ?? 'unknown';
		patience.cancel();
		// After a freeze, a note may be gone that was there during the read which uses this check.
		if (elapsedMs(at, clock.now()) > doubtMs) return { at, doubt: 'missed' };
		// The repository that is silent now may have had the note before. The doubt remains until that
		// repository says that there is none.
		const remains = found === 'unknown' && ended.get(name)?.doubt === 'missed';
		const check: NoteCheck = { at, doubt: remains ? 'missed' : found };
		ended.set(name, check);
		return check;
	}

	/**
	 * Looks at the tally and the notes at the same moment. If another bus found that the repository
	 * was set back, it counted the tally up `doubtMs` after it wrote the note. So a check that takes
	 * less than that finds the tally behind, or the note.
	 */
	async function askOthers(name: RepositoryName): Promise<Doubt> {
		const others = repositories.filter((repository) => repository.name !== name);
		const reading = Promise.all(others.map((repository) => repository.ledger.readNote(name)));
		const setBack = await setBacks.check(name);
		const noted = conclude(await reading);
		return setBack === 'missed' || noted === 'none' ? setBack : noted;
	}

	/**
	 * Joins the last check that has begun, unless it is due for renewal. That check may be under way,
	 * or it may have ended before an older one did.
	 */
	function renew(name: RepositoryName): Promise<NoteCheck> {
		const at = clock.now();
		const last = begun.get(name);
		if (last !== undefined && elapsedMs(last.at, at) < renewCheckMs) return last.check;
		const check = checkNotes(name);
		begun.set(name, { at, check });
		return check;
	}

	function ageMs({ at }: NoteCheck): number {
		return elapsedMs(at, clock.now());
	}

	function check(name: RepositoryName): Promise<NoteCheck> {
		const last = ended.get(name);
		if (last === undefined || ageMs(last) > checkAgeMsMax) return renew(name);
		if (ageMs(last) > renewCheckMs) void renew(name);
		return Promise.resolve(last);
	}

	return {
		refresh: (name) => {
			const last = ended.get(name);
			if (last === undefined || ageMs(last) > renewCheckMs) void renew(name);
		},
		lastKnown: (name) => ended.get(name)?.doubt ?? 'none',
		check,
		wasSetBack: async (name) => {
			if ((await check(name)).doubt !== 'missed') return false;
			if ((await setBacks.check(name)) === 'missed') return true;
			const others = repositories.filter((repository) => repository.name !== name);
			const markers = await Promise.all(others.map(({ ledger }) => ledger.readMarker(name, everySession)));
			return markers.some((marker) => marker.kind === 'known' && marker.revision !== undefined);
		},
		raise: async (id, missing, holders) => {
			const raised = await Promise.all(
				missing.map(async (name) => {
					const kept = await Promise.all(holders.map((holder) => notes.keep(holder, name, id)));
					return kept.some(Boolean);
				}),
			);
			return raised.every(Boolean);
		},
	};
}

function conclude(answers: readonly Awaited<ReturnType<Ledger['readNote']>>[]): Doubt {
	let doubt: Doubt = 'none';
	for (const answer of answers) {
		if (answer.kind === 'failed') doubt = 'unknown';
		else if (answer.note !== undefined) return 'missed';
	}
	return doubt;
}
