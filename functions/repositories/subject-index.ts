import type { RepositoryName } from '../session/repository-name.ts';
import type { RevocationReason, Session, SessionId } from '../session/session.ts';

/**
 * Port: which sessions a subject has, or may have: an entry is made before its session, and goes some time after it ended. Only
 * the record says whether a session lives. Operations on one subject are linearizable.
 */
export interface SubjectIndex {
	/** Where the index is kept, for the repairs that are queued while it cannot be reached. */
	readonly name: RepositoryName;

	read(subject: string): Promise<{ readonly kind: 'read'; readonly entries: readonly SubjectEntry[] } | IndexFailed>;

	/**
	 * One atomic step: decides over the entries that are stored, and stores those that the decision names, if any. `decide` may
	 * be called several times, since a conflicting write makes the adapter start again; it must be pure. The outcome is
	 * that of the decision which took effect.
	 */
	change<Outcome>(
		subject: string,
		decide: (entries: readonly SubjectEntry[]) => Decided<Outcome>,
	): Promise<{ readonly kind: 'decided'; readonly outcome: Outcome } | IndexFailed>;
}

export interface SubjectEntry {
	readonly id: SessionId;
	readonly createdAtMs: number;
	/** The session's age limit: the entry is of no use any longer. */
	readonly expiresAtMs: number;
	/** It was decided that the session ends, and why. Whoever finds the mark sees to it. */
	readonly ending?: RevocationReason;
}

export interface Decided<Outcome> {
	readonly outcome: Outcome;
	/** What to store in place of the present entries; nothing is written without it. */
	readonly entries?: readonly SubjectEntry[];
}

export interface IndexFailed {
	readonly kind: 'failed';
	/**
	 * `unavailable`: no answer, or throttled; a change may have been made, or be made later. `contended`: other writers kept
	 * coming first. `corrupt`: what is stored cannot be read.
	 */
	readonly reason: 'unavailable' | 'contended' | 'corrupt';
	readonly cause: unknown;
}

/**
 * Entries of one subject. Quotas keep them near a hundred. More come only of logins without the index, added by repairs, and
 * of these the item of DynamoDB takes as many with ease.
 */
export const subjectEntriesMax = 1_000;

export function entryOf(session: Session): SubjectEntry {
	return { id: session.id, createdAtMs: session.createdAtMs, expiresAtMs: session.absoluteExpiresAtMs };
}
