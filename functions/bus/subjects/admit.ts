import type { Quota } from '../../access/quota.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { subjectEntriesMax } from '../../repositories/subject-index.ts';
import type { RevocationReason, SessionId } from '../../session/session.ts';
import { type EntryState, type EntryStates, underWayMs } from './entry-state.ts';

/** The decision about a login, made on the entries of its subject. */
export type Admission =
	/**
	 * `entries`: with the entry of the login. `ending`: the sessions that end to make room. Their
	 * entries are to end.
	 */
	| { readonly kind: 'admitted'; readonly entries: readonly SubjectEntry[]; readonly ending: readonly SubjectEntry[] }
	/**
	 * This very login was admitted before. `ending`: the sessions that are to end, perhaps to make
	 * room for it, and have not ended.
	 */
	| { readonly kind: 'repeated'; readonly ending: readonly SubjectEntry[] }
	/**
	 * The login was admitted before, and then somebody decided that its session ends. `ending`: as
	 * for `repeated`.
	 */
	| { readonly kind: 'ended'; readonly reason: RevocationReason; readonly ending: readonly SubjectEntry[] }
	/** Somebody decided to end these sessions and has not ended them. */
	| { readonly kind: 'unfinished'; readonly ending: readonly SubjectEntry[] }
	/**
	 * The quota may be reached. The records of `unchecked`, oldest first, tell. If `enough` of them
	 * do not count, there is room.
	 */
	| { readonly kind: 'check'; readonly unchecked: readonly SubjectEntry[]; readonly enough: number }
	| { readonly kind: 'denied' }
	/** Nobody can tell whether the quota is reached. */
	| { readonly kind: 'unknown'; readonly reason: string };

export interface LoginAttempt {
	readonly entry: SubjectEntry;
	readonly quota: Quota;
	readonly nowMs: number;
	/** The known states of the subject's other entries. */
	readonly states: EntryStates;
	/**
	 * Whether the entry was there when the login came. A later entry belongs to another login, which
	 * itself ends the sessions that it decides to end.
	 */
	wasThere(id: SessionId): boolean;
}

/**
 * Decides on a login. It is pure, so that the decision and the new entry can be one conditional
 * write.
 */
export function admit(entries: readonly SubjectEntry[], login: LoginAttempt): Admission {
	const { entry, quota, nowMs, states } = login;
	const own = entries.find(({ id }) => id === entry.id);
	const others = entries.filter((other) => other !== own && nowMs < other.expiresAtMs + underWayMs);
	const toEnd = others.filter(({ id, ending }) => ending !== undefined && !hasEnded(states.get(id)));
	if (own?.ending !== undefined) return { kind: 'ended', reason: own.ending, ending: toEnd };
	if (own !== undefined) return { kind: 'repeated', ending: toEnd };
	const unfinished = toEnd.filter(({ id }) => login.wasThere(id));
	if (unfinished.length > 0) return { kind: 'unfinished', ending: unfinished };
	const kept = others.filter((other) => !isDone(other, states.get(other.id)));
	if (kept.length >= subjectEntriesMax) return { kind: 'unknown', reason: 'the subject has too many sessions' };
	const counted = kept.filter(
		({ id, ending, expiresAtMs }) =>
			ending === undefined && nowMs < expiresAtMs && states.get(id)?.kind !== 'uncounted',
	);
	const excess = counted.length + 1 - quota.max;
	if (excess <= 0) return { kind: 'admitted', entries: [...kept, entry], ending: [] };
	const unchecked = counted.filter(({ id }) => !states.has(id) && login.wasThere(id));
	if (unchecked.length > 0) return { kind: 'check', unchecked: unchecked.sort(byAge), enough: excess };
	if (quota.action === 'deny') return denial(counted, states);
	const ending = new Set(chooseToEnd(counted, quota, excess, states).map(({ id }) => id));
	const after = kept.map((other) => (ending.has(other.id) ? ({ ...other, ending: 'quota' } as const) : other));
	return {
		kind: 'admitted',
		entries: [...after, entry],
		ending: after.filter(({ id }) => ending.has(id)),
	};
}

/**
 * Whether everything was done to end the session. Any other state may date from before somebody
 * decided to end it, so the session may be live.
 */
function hasEnded(state: EntryState | undefined): boolean {
	return state?.kind === 'ended' || state?.kind === 'awaited';
}

/**
 * Whether the entry can be removed. An entry that is to end stays until its session's end was
 * acknowledged.
 */
function isDone({ ending }: SubjectEntry, state: EntryState | undefined): boolean {
	return state?.kind === 'ended' || (state?.kind === 'over' && ending === undefined);
}

/** A login is denied only if the states of all counted sessions are known. */
function denial(counted: readonly SubjectEntry[], states: EntryStates): Admission {
	for (const { id } of counted) {
		const state = states.get(id);
		if (state?.kind === 'unknown') return { kind: 'unknown', reason: state.reason };
	}
	return { kind: 'denied' };
}

/**
 * Chooses more than one session if the quota was lowered, or if sessions were established while the
 * index was unavailable.
 */
function chooseToEnd(
	counted: readonly SubjectEntry[],
	{ action }: Quota,
	excess: number,
	states: EntryStates,
): readonly SubjectEntry[] {
	if (action === 'end-all') return counted;
	const expiresAtMs = (entry: SubjectEntry) => {
		const state = states.get(entry.id);
		return state?.kind === 'counts' ? state.expiresAtMs : entry.expiresAtMs;
	};
	const first =
		action === 'end-oldest'
			? byAge
			: (a: SubjectEntry, b: SubjectEntry) => expiresAtMs(a) - expiresAtMs(b) || byAge(a, b);
	// A session of which nothing is known may be impossible to end, and the login would wait for it.
	const isUnknown = ({ id }: SubjectEntry) => Number(states.get(id)?.kind === 'unknown');
	return [...counted].sort((a, b) => isUnknown(a) - isUnknown(b) || first(a, b)).slice(0, excess);
}

/** Oldest first. If two are from the same millisecond, their ids decide, for every bus alike. */
export function byAge(a: SubjectEntry, b: SubjectEntry): number {
	return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}
