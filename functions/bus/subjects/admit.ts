import type { Quota } from '../../access/quota.ts';
import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { subjectEntriesMax } from '../../repositories/subject-index.ts';
import type { RevocationReason, SessionId } from '../../session/session.ts';
import { type EntryState, type EntryStates, underWayMs } from './entry-state.ts';

/** What is to be done about a login, over the entries of its subject. */
export type Admission =
	/** `ending`: sessions that end for it. Their entries are marked, and the login's is among `entries`. */
	| { readonly kind: 'admitted'; readonly entries: readonly SubjectEntry[]; readonly ending: readonly SubjectEntry[] }
	/** This very login was admitted before. `ending`: what may have been marked for it, and has not ended. */
	| { readonly kind: 'repeated'; readonly ending: readonly SubjectEntry[] }
	/** It was admitted before, and then someone decided that its session ends. `ending`: as above. */
	| { readonly kind: 'ended'; readonly reason: RevocationReason; readonly ending: readonly SubjectEntry[] }
	/** Sessions that somebody decided to end, and did not get to ending. */
	| { readonly kind: 'unfinished'; readonly ending: readonly SubjectEntry[] }
	/** The quota may be reached: it takes a look at these to know, oldest first; `enough` of them to be over make room. */
	| { readonly kind: 'look'; readonly at: readonly SubjectEntry[]; readonly enough: number }
	| { readonly kind: 'denied' }
	/** Whether the quota is reached cannot be known. */
	| { readonly kind: 'unknown'; readonly reason: string };

export interface LoginAttempt {
	readonly entry: SubjectEntry;
	readonly quota: Quota;
	readonly nowMs: number;
	/** What is known of the subject's other sessions. */
	readonly states: EntryStates;
	/** Whether the entry was there when the login came. A later one is that of another login, which sees to it itself. */
	wasThere(id: SessionId): boolean;
}

/** Decides on a login. Pure, so that the decision and the entry can be one conditional write. */
export function admit(entries: readonly SubjectEntry[], login: LoginAttempt): Admission {
	const { entry, quota, nowMs, states } = login;
	const own = entries.find(({ id }) => id === entry.id);
	const others = entries.filter((other) => other !== own && nowMs < other.expiresAtMs + underWayMs);
	const marked = others.filter(({ id, ending }) => ending !== undefined && !hasEnded(states.get(id)));
	if (own?.ending !== undefined) return { kind: 'ended', reason: own.ending, ending: marked };
	if (own !== undefined) return { kind: 'repeated', ending: marked };
	const unfinished = marked.filter(({ id }) => login.wasThere(id));
	if (unfinished.length > 0) return { kind: 'unfinished', ending: unfinished };
	const kept = others.filter((other) => !isDone(other, states.get(other.id)));
	if (kept.length >= subjectEntriesMax) return { kind: 'unknown', reason: 'the subject has too many sessions' };
	const counted = kept.filter(
		({ id, ending, expiresAtMs }) =>
			ending === undefined && nowMs < expiresAtMs && states.get(id)?.kind !== 'uncounted',
	);
	const excess = counted.length + 1 - quota.max;
	if (excess <= 0) return { kind: 'admitted', entries: [...kept, entry], ending: [] };
	const unseen = counted.filter(({ id }) => !states.has(id) && login.wasThere(id));
	if (unseen.length > 0) return { kind: 'look', at: [...unseen].sort(byAge), enough: excess };
	if (quota.action === 'deny') return denial(counted, states);
	const ending = new Set(chooseToEnd(counted, quota, excess, states).map(({ id }) => id));
	const after = kept.map((other) => (ending.has(other.id) ? ({ ...other, ending: 'quota' } as const) : other));
	return {
		kind: 'admitted',
		entries: [...after, entry],
		ending: after.filter(({ id }) => ending.has(id)),
	};
}

/** As far as it can be ended: who was looked at before it was marked may be live. */
function hasEnded(state: EntryState | undefined): boolean {
	return state?.kind === 'ended' || state?.kind === 'awaited';
}

/** Whether the entry can go. One that is marked stays until the end that it stands for was acknowledged. */
function isDone({ ending }: SubjectEntry, state: EntryState | undefined): boolean {
	return state?.kind === 'ended' || (state?.kind === 'over' && ending === undefined);
}

/** Nobody is turned away because of a session that nothing is known of. */
function denial(counted: readonly SubjectEntry[], states: EntryStates): Admission {
	for (const { id } of counted) {
		const state = states.get(id);
		if (state?.kind === 'unknown') return { kind: 'unknown', reason: state.reason };
	}
	return { kind: 'denied' };
}

/** More than one where the quota was lowered, or where sessions were established while the index could not be reached. */
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
	return [...counted].sort(first).slice(0, excess);
}

/** Oldest first; among those of one millisecond in an order that everyone agrees on. */
export function byAge(a: SubjectEntry, b: SubjectEntry): number {
	return a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1);
}
