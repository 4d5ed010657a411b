import { doubtMs, type Ledger } from '../../repositories/ledger.ts';
import type { Repository } from '../../repositories/repository.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import { createNotes } from './notes.ts';

/**
 * Which repositories may lack a change that was acknowledged without them.
 *
 * Whoever acknowledges a change that a repository missed first marks the session and notes it in a repository that has the
 * change, and waits until the note has been there for `doubtMs`. Whoever believes a repository alone has looked for such notes
 * no longer than `doubtMs` ago. So a reader who looked before the note was there has read before the change was
 * acknowledged, and owes it nothing (I1). A repair withdraws the note when it finds no marker any more, and at least `doubtMs`
 * after that. So a reader who looked after the note was gone has read after the change was repaired.
 */
export interface Doubts {
	/** Whether `name` may be believed alone, as of a moment that is at most `doubtMs` ago unless an environment froze. */
	about(name: RepositoryName): Promise<Look>;
	/** Looks again where that is due, for whoever will want to know soon. */
	refresh(name: RepositoryName): void;
	/** What the last look at it said, however long ago: good enough to choose by, not to believe by. */
	lastKnown(name: RepositoryName): Doubt;
	/** Makes it known that `missing` missed a change of the session which `holders` have. `false`: no holder took the note. */
	raise(id: SessionId, missing: readonly RepositoryName[], holders: readonly Repository[]): Promise<boolean>;
}

/** What a look at the notes found. */
export interface Look {
	/** The moment before the repositories were asked. */
	readonly at: Instant;
	readonly doubt: Doubt;
}

/**
 * `missed`: there is a note. `unknown`: a repository that would have the note did not answer within `lookWaitMs`, and had none
 * before; then assumption A3 alone speaks for the other.
 */
export type Doubt = 'none' | 'missed' | 'unknown';

/**
 * From this age on a look is renewed in the background. One that hangs has ended `lookWaitMs` later, before the look that it
 * is to replace is too old: so at load nobody waits for one, whatever the repository does (0.4 + 0.3 < 0.8).
 */
const renewLookMs = 0.4 * doubtMs;
/** From this age on it is waited for: what is read with it takes some time itself. */
const lookAgeMs = 0.8 * doubtMs;

/** Repositories answer within a fraction of this; the rest of `doubtMs` is for reading under what the silence says. */
const lookWaitMs = 300;

export function createDoubts(repositories: readonly Repository[], clock: TimerClock): Doubts {
	const looks = new Map<RepositoryName, Look>();
	/** The last look that was begun, under way or not. */
	const begun = new Map<RepositoryName, { readonly at: Instant; readonly looked: Promise<Look> }>();
	const notes = createNotes(clock);

	/** Dated by its begin, whatever comes of it. Who does not answer in time is out of reach, as far as A3 is concerned. */
	async function look(name: RepositoryName): Promise<Look> {
		const at = clock.now();
		const others = repositories.filter((repository) => repository.name !== name);
		const patience = clock.timer(lookWaitMs);
		const answers = Promise.all(others.map((repository) => repository.ledger.readNote(name)));
		const found = (await Promise.race([answers, patience.elapsed])) ?? [silence];
		patience.cancel();
		// A freeze came between: a note may have been withdrawn meanwhile, after what is read with this look was read.
		if (elapsedMs(at, clock.now()) > doubtMs) return { at, doubt: 'missed' };
		const doubt = conclude(found);
		// Who is silent now may have spoken before: what was in doubt stays in doubt until someone says otherwise.
		const known = doubt === 'unknown' && looks.get(name)?.doubt === 'missed' ? 'missed' : doubt;
		const looked = { at, doubt: known };
		looks.set(name, looked);
		return looked;
	}

	/** Joins the last look, unless it is too old to be of use: one that is under way, or has ended before an older one. */
	function renew(name: RepositoryName): Promise<Look> {
		const at = clock.now();
		const last = begun.get(name);
		if (last !== undefined && elapsedMs(last.at, at) < renewLookMs) return last.looked;
		const looked = look(name);
		begun.set(name, { at, looked });
		return looked;
	}

	function ageMs({ at }: Look): number {
		return elapsedMs(at, clock.now());
	}

	return {
		refresh: (name) => {
			const last = looks.get(name);
			if (last === undefined || ageMs(last) > renewLookMs) void renew(name);
		},
		lastKnown: (name) => looks.get(name)?.doubt ?? 'none',
		about: (name) => {
			const last = looks.get(name);
			if (last === undefined || ageMs(last) > lookAgeMs) return renew(name);
			if (ageMs(last) > renewLookMs) void renew(name);
			return Promise.resolve(last);
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

const silence = { kind: 'failed', reason: 'unavailable', cause: undefined } as const;

function conclude(found: readonly Awaited<ReturnType<Ledger['readNote']>>[]): Doubt {
	let doubt: Doubt = 'none';
	for (const look of found) {
		if (look.kind === 'failed') doubt = 'unknown';
		else if (look.note !== undefined) return 'missed';
	}
	return doubt;
}
