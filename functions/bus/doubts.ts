import type { Repository, RepositoryName } from '../repositories/repository.ts';
import { type Clock, elapsedMs, type Instant } from '../system/clock.ts';

/**
 * Which repositories may lack a change that was acknowledged without them.
 *
 * Whoever acknowledges a change that a repository missed first notes it in a repository that has it, and then waits for
 * `doubtMs`. Whoever believes a repository alone has looked for such notes no longer than `doubtMs` ago. So a reader who
 * looked before the note was there has read before the change was acknowledged, and owes it nothing (I1).
 */
export interface Doubts {
	/** Whether `name` may be believed alone, as of a moment that is at most `doubtMs` ago unless an environment froze. */
	about(name: RepositoryName): Promise<Look>;
	/** What the last look at it said, however long ago: good enough to choose by, not to believe by. */
	lastKnown(name: RepositoryName): Doubt;
	/** Makes it known that `missing` missed a change which `holders` have. `false`: no holder took the note. */
	raise(missing: readonly RepositoryName[], holders: readonly Repository[]): Promise<boolean>;
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

/** For how long a look at the notes counts; as long, the first change that misses a repository waits. */
export const doubtMs = 1_000;
/** From this age on a look is renewed in the background, so that at load nobody waits for one. */
const renewLookMs = doubtMs / 2;
/** From this age on it is waited for: what is read with it takes some time itself. */
const lookAgeMs = 0.8 * doubtMs;

/** Repositories answer within a tenth of this; the rest of `doubtMs` is for reading under what the silence says. */
const lookWaitMs = 400;

/** A note is written anew when it is older than this, so that it outlives the repairs of a long outage. */
const renewNoteMs = 60_000;

/** A repair is done or has failed for good by then: queues keep their messages for four days. */
const noteLifeMs = 4 * 86_400_000;

export function createDoubts(repositories: readonly Repository[], clock: Clock): Doubts {
	const looks = new Map<RepositoryName, Look>();
	const underWay = new Map<RepositoryName, { readonly begunAt: Instant; readonly looked: Promise<Look> }>();
	/** When our notes were written; each has been waited for. */
	const raised = new Map<RepositoryName, Instant>();

	/** Dated by its begin, whatever comes of it. Who does not answer in time is out of reach, as far as A3 is concerned. */
	async function look(name: RepositoryName): Promise<Look> {
		const at = clock.now();
		const others = repositories.filter((repository) => repository.name !== name);
		const notes = await Promise.race([
			Promise.all(others.map((repository) => repository.lastMissed(name))),
			clock.delay(lookWaitMs).then(() => [silence]),
		]);
		const doubt = conclude(notes, at.wallMs);
		// Who is silent now may have spoken before: what was in doubt stays in doubt until someone says otherwise.
		const known = doubt === 'unknown' && looks.get(name)?.doubt === 'missed' ? 'missed' : doubt;
		const looked = { at, doubt: known };
		looks.set(name, looked);
		return looked;
	}

	/** Joins a look that is under way, unless a freeze has made it too old to be of use. */
	function renew(name: RepositoryName): Promise<Look> {
		const current = underWay.get(name);
		if (current !== undefined && elapsedMs(current.begunAt, clock.now()) < renewLookMs) return current.looked;
		const started = { begunAt: clock.now(), looked: look(name) };
		underWay.set(name, started);
		return started.looked.finally(() => {
			if (underWay.get(name) === started) underWay.delete(name);
		});
	}

	return {
		lastKnown: (name) => looks.get(name)?.doubt ?? 'none',
		about: (name) => {
			const last = looks.get(name);
			const ageMs = last === undefined ? Number.POSITIVE_INFINITY : elapsedMs(last.at, clock.now());
			if (last === undefined || ageMs > lookAgeMs) return renew(name);
			if (ageMs > renewLookMs) void renew(name);
			return Promise.resolve(last);
		},
		raise: async (missing, holders) => {
			for (const name of missing) {
				const since = raised.get(name);
				if (since !== undefined && elapsedMs(since, clock.now()) < renewNoteMs) continue;
				if (!(await noteAt(holders, name, clock.now().wallMs))) return false;
				// A note that is in force already goes on being so.
				if (since === undefined || elapsedMs(since, clock.now()) > noteLifeMs) await clock.delay(doubtMs);
				raised.set(name, clock.now());
			}
			return true;
		},
	};
}

const silence = { kind: 'failed', reason: 'unavailable', cause: undefined } as const;

function conclude(notes: readonly Awaited<ReturnType<Repository['lastMissed']>>[], nowMs: number): Doubt {
	let doubt: Doubt = 'none';
	for (const note of notes) {
		if (note.kind === 'failed') doubt = 'unknown';
		else if (note.atMs !== undefined && nowMs - note.atMs < noteLifeMs) return 'missed';
	}
	return doubt;
}

async function noteAt(holders: readonly Repository[], missing: RepositoryName, atMs: number): Promise<boolean> {
	const noted = await Promise.all(holders.map((holder) => holder.noteMissed(missing, atMs)));
	return noted.some(({ kind }) => kind === 'noted');
}
