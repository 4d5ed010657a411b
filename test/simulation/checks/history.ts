import type { SessionId } from '../../../functions/session/session.ts';

/**
 * Everything that clients did with a session and were told about it, in true time. The judge
 * derives from it which answers are right. An operation has the time at which a server finished it,
 * which is no later than the client learns of it.
 */
export interface SessionHistory {
	readonly id: SessionId;
	readonly subject: string;
	readonly token: string;
	readonly createdAt: number;
	/** The latest time at which the session may have counted as used. */
	lastUsedAt: number;
	/** The changes to the attribute `draft`, in the order in which they began. */
	readonly writes: Write[];
	logoutBegunAt: number | undefined;
	/** Whether the subject's other sessions or logins may have ended this session by now. */
	readonly mayBeEnded: () => boolean;
	/** When a logout was first acknowledged. */
	loggedOutAt: number | undefined;
	/** When a logout was first confirmed by every instance. */
	confirmedAt: number | undefined;
	/** When each instance first refused it as revoked after that end was acknowledged. */
	readonly refusedAt: Map<string, number>;
}

/** A change. Until it is acknowledged, it may take effect at any time after it began, or never. */
export interface Write {
	readonly value: string;
	readonly begunAt: number;
	acknowledgedAt: number | undefined;
}

export function createHistory(
	known: Pick<SessionHistory, 'id' | 'subject' | 'token' | 'createdAt' | 'mayBeEnded'>,
): SessionHistory {
	return {
		...known,
		lastUsedAt: known.createdAt,
		writes: [],
		logoutBegunAt: undefined,
		loggedOutAt: undefined,
		confirmedAt: undefined,
		refusedAt: new Map(),
	};
}

/**
 * The change that makes `value` too old to be shown at `at`. That change was acknowledged more than
 * `boundMs` before, and it began after the change that wrote `value` was acknowledged.
 *
 * @returns `undefined` if `value` may be shown
 */
export function outdatedBy(
	history: SessionHistory,
	value: string | undefined,
	at: number,
	boundMs: number,
): Write | undefined {
	const shown = history.writes.find((write) => write.value === value);
	// A change that was not acknowledged may take effect after all others.
	if (value !== undefined && shown?.acknowledgedAt === undefined) return undefined;
	const writtenBy = shown?.acknowledgedAt ?? history.createdAt;
	return history.writes.find(
		(write) => write.acknowledgedAt !== undefined && write.begunAt > writtenBy && at > write.acknowledgedAt + boundMs,
	);
}
