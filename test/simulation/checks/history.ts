import type { SessionId } from '../../../functions/session/session.ts';

/**
 * What clients did and were told, in true time, and therefore what must hold. Times are those at which a server finished an
 * operation, which is no later than the client learns of it.
 */
export interface SessionHistory {
	readonly id: SessionId;
	readonly subject: string;
	readonly token: string;
	readonly createdAt: number;
	/** The latest moment at which the session may have counted as used. */
	lastUsedAt: number;
	/** Changes of the attribute `note`, in the order in which they began. */
	readonly writes: Write[];
	logoutBegunAt: number | undefined;
	/** Whether another session of the subject, or a login of it, may have ended this one by now. */
	readonly mayBeEnded: () => boolean;
	/** When a logout was first acknowledged. */
	loggedOutAt: number | undefined;
	/** When a logout was first confirmed by every instance. */
	confirmedAt: number | undefined;
}

/** One change: until it is acknowledged, it may take effect at any time after it began, or never. */
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
	};
}

/**
 * The change that makes `value` too old to be shown at `at`: acknowledged more than `boundMs` before, and begun after the one
 * that wrote `value` was acknowledged. `undefined` when `value` may be shown.
 */
export function outdatedBy(
	history: SessionHistory,
	value: string | undefined,
	at: number,
	boundMs: number,
): Write | undefined {
	const shown = history.writes.find((write) => write.value === value);
	// A change that was not acknowledged may still take effect after any other.
	if (value !== undefined && shown?.acknowledgedAt === undefined) return undefined;
	const writtenBy = shown?.acknowledgedAt ?? history.createdAt;
	return history.writes.find(
		(write) => write.acknowledgedAt !== undefined && write.begunAt > writtenBy && at > write.acknowledgedAt + boundMs,
	);
}
