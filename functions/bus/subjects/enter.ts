import type { Quota } from '../../access/quota.ts';
import { entryOf, type IndexFailed, type SubjectEntry } from '../../repositories/subject-index.ts';
import type { RevocationReason, Session, SessionId } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { type Admission, admit } from './admit.ts';
import { endSessions } from './end-sessions.ts';
import { checkEntry, type EntryStates, loadWidthMax } from './entry-state.ts';

/** How a login fared with its subject's index. */
export type Entered =
	/** The index has its entry, and what ends for it has ended. */
	| { readonly kind: 'entered' }
	| { readonly kind: 'denied' }
	/** It was decided that this very session ends. */
	| { readonly kind: 'ended'; readonly reason: RevocationReason }
	| { readonly kind: 'unavailable'; readonly reason: string }
	/** The index cannot be reached: the login goes on without it, and without a quota. */
	| { readonly kind: 'without-index' };

/**
 * Makes the entry of a new session, within the quota. That there is room, or which sessions make room, is decided in the same
 * conditional write that makes the entry; so of logins at the same moment, none is counted too late.
 *
 * Dying before that write changes nothing. Dying after it leaves an entry, perhaps without a session, which counts for a minute,
 * and marks at sessions that are to end, which the next login of the subject, or this one repeated, sees to.
 */
export async function enter(context: BusContext, session: Session, quota: Quota): Promise<Entered> {
	const { subjects, clock } = context;
	const entry = entryOf(session);
	const states: EntryStates = new Map();
	let familiar: ReadonlySet<SessionId> | undefined;
	for (let round = 0; round < roundsMax; round++) {
		const nowMs = clock.now().wallMs;
		const changed = await subjects.change(session.subject, (entries) => {
			const known = familiar ?? idsOf(entries);
			const login = { entry, quota, nowMs, states, wasThere: (id: SessionId) => known.has(id) };
			const admission = admit(entries, login);
			const outcome = { admission, known };
			return admission.kind === 'admitted' ? { outcome, entries: admission.entries } : { outcome };
		});
		if (changed.kind === 'failed') return withoutIndex(context, session.id, changed);
		const { admission, known } = changed.outcome;
		familiar = known;
		const settled = await settle(context, session, admission, states);
		if (settled !== undefined) return settled;
	}
	return { kind: 'unavailable', reason: 'too many logins of the subject at once' };
}

/** A look and an end follow at the first sight of an entry, and one write on them. The rest is for what others do meanwhile. */
const roundsMax = 8;

function idsOf(entries: readonly SubjectEntry[]): ReadonlySet<SessionId> {
	return new Set(entries.map(({ id }) => id));
}

/** What follows on an admission; `undefined` when it takes another round, with what was learnt. */
async function settle(
	context: BusContext,
	session: Session,
	admission: Admission,
	states: EntryStates,
): Promise<Entered | undefined> {
	switch (admission.kind) {
		case 'denied':
			return { kind: 'denied' };
		case 'ended':
			// What remains when this fails is for the next login; this one has nothing to acknowledge.
			await endSessions(context, session.subject, admission.ending, session.id);
			return { kind: 'ended', reason: admission.reason };
		case 'unknown':
			return { kind: 'unavailable', reason: admission.reason };
		case 'admitted':
		case 'repeated':
		case 'unfinished': {
			const ended = await endSessions(context, session.subject, admission.ending, session.id);
			if (ended.kind === 'unavailable') return ended;
			for (const [id, state] of ended.states) states.set(id, state);
			return admission.kind === 'unfinished' ? undefined : { kind: 'entered' };
		}
		case 'look':
			return look(context, session, admission, states);
	}
}

/** Looks at sessions, oldest first, until there is room for the login. */
async function look(
	context: BusContext,
	session: Session,
	{ at, enough }: Extract<Admission, { kind: 'look' }>,
	states: EntryStates,
): Promise<Entered | undefined> {
	// A message that comes again, long after its session has ended, must not cost another session its life.
	const own = await checkEntry(context, entryOf(session));
	if (own.session?.revocation !== undefined) return { kind: 'ended', reason: own.session.revocation.reason };
	let room = 0;
	for (let begin = 0; begin < at.length && room < enough; begin += loadWidthMax) {
		const some = at.slice(begin, begin + loadWidthMax);
		for (const { entry, state } of await Promise.all(
			some.map(async (entry) => ({ entry, ...(await checkEntry(context, entry)) })),
		)) {
			states.set(entry.id, state);
			if (state.kind === 'over' || state.kind === 'uncounted') room++;
		}
	}
	return undefined;
}

/** A flood of logins is no outage, and must not get around the quota. */
function withoutIndex(context: BusContext, sessionId: SessionId, { reason, cause }: IndexFailed): Entered {
	context.log('warn', 'the subject index could not be changed', { sessionId, reason, cause: String(cause) });
	if (reason === 'contended') return { kind: 'unavailable', reason: 'too many logins of the subject at once' };
	return { kind: 'without-index' };
}
