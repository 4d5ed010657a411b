import type { Session, SessionId } from '../../../functions/session/session.ts';
import type { Node } from '../engine/node.ts';

/**
 * Everything that clients did with a session and were told about it, in true time. The judge
 * derives from it which answers are right. An operation has the time at which a server finished it,
 * which is no later than the client learns of it.
 */
export interface SessionHistory {
	readonly id: SessionId;
	readonly subject: string;
	readonly token: string;
	/**
	 * The values that the attribute `origin` may have, with which the session began. Only a login
	 * again changes it, to that of the former session.
	 */
	readonly origins: readonly string[];
	/** When the login reached a server. The session was created between then and the answer. */
	readonly createdAt: number;
	readonly establishedAt: number;
	/** The latest time at which the session may have counted as used. */
	lastUsedAt: number;
	/**
	 * Whether it is used when it is nearly idle. Then clocks that agree may differ on whether the use
	 * came in time.
	 */
	isOnTheBrink: boolean;
	/** The last use that each process has answered, and the last use that it has told its client. */
	readonly known: Map<Node, Known>;
	/** The carried copies that its clients were given, in the order in which they came. */
	readonly carried: string[];
	/** The changes to its attributes, in the order in which they began. */
	readonly writes: Write[];
	/** The versions on whose condition a change was acknowledged. */
	readonly changedVersions: Set<string>;
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

/** The last answers of one process to a client, in true time. */
export interface Known {
	usedAt: number;
	/** `lastSeenAtMs` of the last answer. */
	shownMs: number;
}

/** A change. Until it is acknowledged, it may take effect at any time after it began, or never. */
export interface Write {
	readonly attribute: AttributeName;
	/** `undefined`: the change deletes the attribute. */
	readonly value: string | undefined;
	readonly begunAt: number;
	acknowledgedAt: number | undefined;
}

/** The attributes that clients change. */
export const attributeNames = ['draft', 'cart'] as const;
export type AttributeName = (typeof attributeNames)[number];

export function shownValue(session: Session, name: AttributeName): string | undefined {
	const attribute = session.attributes[name];
	return attribute !== undefined && 'value' in attribute ? String(attribute.value) : undefined;
}

export function createHistory(
	known: Pick<SessionHistory, 'id' | 'subject' | 'token' | 'origins' | 'createdAt' | 'establishedAt' | 'mayBeEnded'>,
): SessionHistory {
	return {
		...known,
		lastUsedAt: known.createdAt,
		isOnTheBrink: false,
		known: new Map(),
		carried: [],
		writes: [],
		changedVersions: new Set(),
		logoutBegunAt: undefined,
		loggedOutAt: undefined,
		confirmedAt: undefined,
		refusedAt: new Map(),
	};
}

/**
 * The change that makes `value` too old to be shown at `at`. That change was acknowledged more than
 * `boundMs` before, and it began after the last change that wrote `value` was acknowledged.
 *
 * @param value `undefined`: there is no such attribute
 * @returns `undefined` if `value` may be shown
 */
export function outdatedBy(
	history: SessionHistory,
	attribute: AttributeName,
	value: string | undefined,
	at: number,
	boundMs: number,
): Write | undefined {
	const writes = history.writes.filter((write) => write.attribute === attribute);
	const acknowledged = writes.filter((write) => write.value === value).map((write) => write.acknowledgedAt);
	// A change that was not acknowledged may take effect after all others.
	if (acknowledged.includes(undefined)) return undefined;
	const writtenBy = Math.max(history.createdAt, ...acknowledged.map(Number));
	return writes.find(
		(write) => write.acknowledgedAt !== undefined && write.begunAt > writtenBy && at > write.acknowledgedAt + boundMs,
	);
}
