import type { Answer } from './answers.ts';

/**
 * The effect of an operation on sessions. It decides how the bus stores the change, whether the
 * feed announces it, and what a degraded answer means.
 *
 * - `none`: nothing that the caller waits for. A read may store the activity that it carries.
 * - `quiet`: the bus writes the repositories and does not announce the change in the feed.
 *   Decisions are correct even with a copy or a repository that lacks the change. If a new session
 *   is missing, the next repository is asked. If activity is missing, the session ends earlier. An
 *   owner is a hint.
 * - `visible`: every copy must see the change. The bus writes the repositories, then the feed, and
 *   only then answers (I1). A repository that missed the change is not believed alone.
 */
export type Effect = 'none' | 'quiet' | 'visible';

/** The facts about an operation that session servers and the bus share. */
export interface Operation {
	/** The answers that it can have. Every operation can also have the answer `unavailable`. */
	readonly answers: readonly Exclude<Answer['kind'], 'unavailable'>[];
	readonly effect: Effect;
}
