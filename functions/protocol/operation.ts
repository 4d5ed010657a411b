import type { Answer } from './answers.ts';

/**
 * What an operation does to sessions. It decides how the bus stores the change, whether the feed
 * announces it, and what a degraded answer means.
 *
 * - `none`: nothing is written to a record.
 * - `quiet`: the repositories are written, and the feed says nothing. A copy or a repository that
 *   lacks the change still decides correctly: a new session is looked for elsewhere, activity only
 *   ever shortens what is left of a session, an owner is a hint.
 * - `visible`: every copy must see the change. The bus writes the repositories, then the feed, and
 *   only then answers (I1). A repository that missed the change is not believed alone.
 */
export type Effect = 'none' | 'quiet' | 'visible';

/** What both sides of the bus know of an operation. */
export interface Operation {
	/** The answers that it can have, beside `unavailable`, which any operation can have. */
	readonly answers: readonly Exclude<Answer['kind'], 'unavailable'>[];
	readonly effect: Effect;
}
