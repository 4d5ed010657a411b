import { type Timing, tombstoneSettledMs } from '../../control-table/timing.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { withRevocation } from '../../session/changes.ts';
import type { Revocation, Session, SessionId } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { absent, loadOutcome, type RepositoryOutcomes, unavailable } from '../receipts.ts';
import { type Answered, type Change, commit } from '../writing/commit.ts';
import { type Replicated, replicate } from '../writing/replicate.ts';

/** Ends a session for good. If the message names a subject, the session must be that subject's. */
export async function revoke(context: BusContext, message: MessageOf<'revoke'>): Promise<AnswerTo<'revoke'>> {
	const { subject } = message;
	const refusal = subject === undefined ? undefined : await refusalUnlessOf(context, message.sessionId, subject);
	if (refusal !== undefined) return refusal;
	const answer = await revokeSession(context, message);
	if (answer.kind === 'revoked') await forgetEntry(context, answer);
	return answer;
}

/**
 * Removes the entry of a session whose end is acknowledged everywhere. If that fails, the entry
 * stays until the session would have expired, and it does not count.
 */
export async function forgetEntry(context: BusContext, { session, receipt }: AnswerOf<'revoked'>): Promise<void> {
	if (receipt.degraded) return;
	await context.subjects.change(session.subject, (entries) => {
		const others = entries.filter(({ id }) => id !== session.id);
		return others.length === entries.length ? { outcome: undefined } : { outcome: undefined, entries: others };
	});
}

/**
 * Ends a session. The caller must have checked that the asker may end it. If the caller names a
 * subject, the session of another one is `absent`.
 */
export async function revokeSession(
	context: BusContext,
	change: Change & { readonly revocation: Revocation; readonly subject?: string | undefined },
): Promise<AnswerTo<'revoke'>> {
	const { clock, timing } = context;
	const { sessionId, revocation, subject } = change;
	const isForeign = (stored: Session) => subject !== undefined && stored.subject !== subject;
	let wasEverywhere = true;
	// Kept, so that repositories that are asked within milliseconds get one and the same tombstone.
	let timed = revocation;
	const tombstone = (stored: Session | undefined) => {
		if (stored !== undefined && isForeign(stored)) return undefined;
		if (stored?.revocation !== undefined) return stored;
		wasEverywhere = false;
		if (stored === undefined) return undefined;
		timed = timely(timed, clock.now().wallMs, timing);
		return withRevocation(stored, timed);
	};
	const store = async (): Promise<Replicated | Answered> => {
		const replicated = await replicate(context, sessionId, 'visible', tombstone);
		if (replicated.kind === 'unavailable' || replicated.session === undefined) return replicated;
		return isForeign(replicated.session) ? { kind: 'answered', answer: absent(replicated) } : replicated;
	};
	const isSettled = ({ session, receipt }: AnswerOf<'found' | 'revoked'>) =>
		wasEverywhere && !receipt.degraded && isOld(session.revocation, clock.now().wallMs, timing);
	let settled = false;
	const answer = await commit(
		context,
		change,
		store,
		({ revocation: stored }) => stored !== undefined,
		(stored) => {
			settled = isSettled(stored);
			return settled;
		},
	);
	// The join of a tombstone with anything is a tombstone.
	if (answer.kind === 'found' || answer.kind === 'outdated') return unavailable('it was not ended', answer.receipt);
	return answer.kind === 'revoked' && settled ? { ...answer, settled: true } : answer;
}

/**
 * A revocation that is stored late, after a freeze for example, has the time when it is stored.
 * Otherwise the tombstone would soon seem older than copies from before it.
 */
function timely(revocation: Revocation, nowMs: number, timing: Timing): Revocation {
	return nowMs - revocation.atMs > timing.feedAppendMs ? { ...revocation, atMs: nowMs } : revocation;
}

function isOld(revocation: Revocation | undefined, nowMs: number, timing: Timing): boolean {
	return revocation !== undefined && nowMs - revocation.atMs > tombstoneSettledMs(timing);
}

/**
 * The answer if the session is not one of the subject's. It is the same, after the same calls, for
 * the session of another subject and for no session. So nobody learns which handles exist.
 *
 * `undefined`: the session is one of the subject's.
 */
async function refusalUnlessOf(
	context: BusContext,
	sessionId: SessionId,
	subject: string,
): Promise<AnswerOf<'absent' | 'unavailable'> | undefined> {
	const loads = await Promise.all(
		context.repositories.map(async ({ name, load }) => ({ name, loaded: await load(sessionId) })),
	);
	if (loads.some(({ loaded }) => loaded.kind === 'found' && loaded.session.subject === subject)) return undefined;
	const silent = loads.filter(({ loaded }) => loaded.kind === 'failed');
	const asked: RepositoryOutcomes = loads.map(({ name, loaded }) =>
		loadOutcome(name, loaded.kind === 'found' ? { kind: 'absent' } : loaded),
	);
	if (silent.length === 0) return absent({ asked });
	return unavailable(`${silent.map(({ name }) => name).join(', ')} did not answer`, { asked });
}
