import type { MessageOf } from '../../protocol/messages.ts';
import { entryOf, type IndexFailed, type SubjectEntry } from '../../repositories/subject-index.ts';
import type { RevocationReason, Session, SessionId } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { type Admission, admit } from './admit.ts';
import { endSessions } from './end-sessions.ts';
import { checkEntry, type EntryStates, loadWidthMax } from './entry-state.ts';
import { isUsedByAnother, withUsed } from './used-tokens.ts';

/** The result of a login's entry into its subject's index. */
export type Entered =
	/** The index has the entry, and the sessions that end to make room have ended. */
	| { readonly kind: 'entered' }
	| { readonly kind: 'denied' }
	/** Another session began with the ID token. */
	| { readonly kind: 'token-used' }
	/** Somebody decided that this very session ends. */
	| { readonly kind: 'ended'; readonly reason: RevocationReason }
	| { readonly kind: 'unavailable'; readonly reason: string }
	/** The index did not answer, or cannot be read. It may have the entry. */
	| { readonly kind: 'index-unavailable' };

/**
 * Makes the entry of a new session, within the quota. One conditional write makes the entry,
 * remembers the ID token, and decides whether there is room or which sessions end to make room. So
 * of several logins at the same moment, each one counts the entries of those before it, and only
 * one of those with the same ID token succeeds.
 *
 * If the bus dies before that write, nothing has changed. If it dies after the write, the entry may
 * lack its session and counts for a minute. Other entries may be to end. The next login of the
 * subject ends their sessions, or this login does when it is repeated.
 */
export async function enter(
	context: BusContext,
	{ session, quota, idToken }: Omit<MessageOf<'create'>, 'operation'>,
): Promise<Entered> {
	const { subjects, clock } = context;
	const entry = entryOf(session);
	const token = idToken && { digest: idToken.digest, expiresAtMs: idToken.expiresAtMs, sessionId: session.id };
	const states: EntryStates = new Map();
	let atArrival: ReadonlySet<SessionId> | undefined;
	for (let round = 0; round < roundsMax; round++) {
		const nowMs = clock.now().wallMs;
		const changed = await subjects.change(session.subject, (entries, used) => {
			const present = atArrival ?? idsOf(entries);
			const login = { entry, quota, nowMs, states, wasThere: (id: SessionId) => present.has(id) };
			const isUsed = token !== undefined && isUsedByAnother(used, token, idToken?.retryOf);
			const admission = isUsed ? tokenUsed : admit(entries, login);
			const outcome = { admission, present };
			if (admission.kind !== 'admitted') return { outcome };
			return { outcome, entries: admission.entries, used: token ? withUsed(used, token, nowMs) : used };
		});
		if (changed.kind === 'failed') return withoutIndex(context, session.id, changed);
		const { admission, present } = changed.outcome;
		atArrival = present;
		const entered = await carryOut(context, session, admission, states);
		if (entered !== undefined) return entered;
	}
	return { kind: 'unavailable', reason: 'too many logins of the subject at once' };
}

const tokenUsed = { kind: 'token-used' } as const;

/**
 * A login takes one round for unfinished ends, one for checks and one for its entry. The other
 * rounds are for changes that other messages make meanwhile.
 */
const roundsMax = 8;

function idsOf(entries: readonly SubjectEntry[]): ReadonlySet<SessionId> {
	return new Set(entries.map(({ id }) => id));
}

/**
 * Does what the admission demands. `undefined`: another round is needed, with the `states` that are
 * known now.
 */
async function carryOut(
	context: BusContext,
	session: Session,
	admission: Admission | typeof tokenUsed,
	states: EntryStates,
): Promise<Entered | undefined> {
	switch (admission.kind) {
		case 'denied':
		case 'token-used':
			return admission;
		case 'ended':
			// If this fails, the next login continues. This one has nothing to acknowledge.
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
		case 'check':
			return checkForRoom(context, session, admission, states);
	}
}

/** Checks the sessions, oldest first, until enough of them leave room for the login. */
async function checkForRoom(
	context: BusContext,
	session: Session,
	{ unchecked, enough }: Extract<Admission, { kind: 'check' }>,
	states: EntryStates,
): Promise<Entered | undefined> {
	// If the message is repeated long after its session has ended, it must not end another session.
	const own = await checkEntry(context, session.subject, entryOf(session));
	if (own.session?.revocation !== undefined) return { kind: 'ended', reason: own.session.revocation.reason };
	let room = 0;
	for (let begin = 0; begin < unchecked.length && room < enough; begin += loadWidthMax) {
		await Promise.all(
			unchecked.slice(begin, begin + loadWidthMax).map(async (entry) => {
				const { state } = await checkEntry(context, session.subject, entry);
				states.set(entry.id, state);
				if (state.kind === 'over' || state.kind === 'uncounted') room++;
			}),
		);
	}
	return undefined;
}

/** If too many logins contend for the index, it is not down, and the quota still holds. */
function withoutIndex(context: BusContext, sessionId: SessionId, { reason, cause }: IndexFailed): Entered {
	context.log('warn', 'the subject index could not be changed', { sessionId, reason, cause: String(cause) });
	if (reason === 'contended') return { kind: 'unavailable', reason: 'too many logins of the subject at once' };
	return { kind: 'index-unavailable' };
}
