import type { RepositoryName } from '../session/repository-name.ts';
import type { RevocationReason, Session, SessionId } from '../session/session.ts';

/**
 * Port: which sessions a subject has, or may have. An entry is made before its session and removed
 * some time after the session ended. Only the session's record tells whether it is live. Operations
 * on one subject are linearizable. Entries that no version of Leasehold can read are moved aside by
 * the first operation that meets them.
 */
export interface SubjectIndex {
	/** Where the index is kept. Repairs that are queued while it is unavailable name it. */
	readonly name: RepositoryName;

	read(subject: string): Promise<ReadEntries | IndexFailed>;

	/**
	 * In one atomic step, calls `decide` with what is stored and stores the entries that it returns,
	 * if any. The outcome is that of the decision which took effect.
	 *
	 * @param decide must be pure: it is called again after a conflicting write.
	 */
	change<Outcome>(
		subject: string,
		decide: (entries: readonly SubjectEntry[], used: readonly UsedToken[]) => Decided<Outcome>,
	): Promise<
		{ readonly kind: 'decided'; readonly outcome: Outcome; readonly incompleteUntilMs?: number } | IndexFailed
	>;
}

export interface ReadEntries {
	readonly kind: 'read';
	readonly entries: readonly SubjectEntry[];
	/**
	 * The entries begin anew, because those before could not be read. Until this time, a session that
	 * has no entry may live. Each gets its entry with its next report of activity.
	 */
	readonly incompleteUntilMs?: number;
}

export interface SubjectEntry {
	readonly id: SessionId;
	readonly createdAtMs: number;
	/** The session's age limit, after which the entry is of no use. */
	readonly expiresAtMs: number;
	/** Why the session is to end. The bus that finds this ends the session. */
	readonly ending?: RevocationReason;
}

/** An ID token that has logged in. */
export interface UsedToken {
	/** Of its claims, not of its text: one token has several spellings that verify. */
	readonly digest: string;
	/** The session that began with it. */
	readonly sessionId: SessionId;
	/** When session servers stop accepting it. */
	readonly expiresAtMs: number;
}

export interface Decided<Outcome> {
	readonly outcome: Outcome;
	/** The new entries. Absent: nothing is written. */
	readonly entries?: readonly SubjectEntry[];
	/** Written with `entries`. Absent: they stay as they are. */
	readonly used?: readonly UsedToken[];
}

export interface IndexFailed {
	readonly kind: 'failed';
	/**
	 * - `unavailable`: the store did not answer or throttled the call. A change may have been made,
	 *   or may be made later.
	 * - `contended`: other writers kept winning.
	 * - `corrupt`: the stored entries cannot be read, and were not moved aside.
	 * - `unknown-schema`: a later version of Leasehold wrote the entries.
	 */
	readonly reason: 'unavailable' | 'contended' | 'corrupt' | 'unknown-schema';
	readonly cause: unknown;
}

/**
 * The limit of one subject's entries. Quotas keep them near a hundred. Only repairs add more, after
 * logins while the index was unavailable. An item of DynamoDB has ample room for this many.
 */
export const subjectEntriesMax = 1_000;

/** The ID tokens of one subject that are remembered. They are accepted for minutes only. */
export const usedTokensMax = 200;

export function entryOf(session: Session): SubjectEntry {
	return { id: session.id, createdAtMs: session.createdAtMs, expiresAtMs: session.absoluteExpiresAtMs };
}
