import { type Timing, tombstoneSettledMs } from '../../control-table/timing.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { withRevocation } from '../../session/changes.ts';
import type { Revocation, Session } from '../../session/session.ts';
import { unknownBytes, unknownBytesMax } from '../../session/unknown-fields.ts';
import type { BusContext } from '../context.ts';
import { type IsProven, provenByToken } from '../reading/proof.ts';
import { unavailable } from '../receipts.ts';
import { readAsker } from '../subjects/read-asker.ts';
import { type Change, commit } from '../writing/commit.ts';
import { replicate } from '../writing/replicate.ts';

/**
 * Ends a session for good. The asker ends itself, or another session of its subject. The session of
 * another subject is `absent`, after the same calls as no session. So nobody learns which handles
 * exist. The answer `revoked` has the session of the asker if that one was ended before.
 */
export async function revoke(context: BusContext, message: MessageOf<'revoke'>): Promise<AnswerTo<'revoke'>> {
	const { sessionId, asker } = message;
	let isProven = provenByToken(context, asker);
	if (asker.sessionId !== sessionId) {
		const read = await readAsker(context, asker);
		if (read.kind === 'answered') return read.answer;
		const { subject } = read.session;
		isProven = (stored) => stored.subject === subject;
	}
	const answer = await revokeSession(context, { ...message, isProven });
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

/** Ends a session that is proven to be one that the asker may end. Any other one is `absent`. */
export async function revokeSession(
	context: BusContext,
	change: Omit<Change, 'kind'> & { readonly revocation: Revocation; readonly isProven: IsProven },
): Promise<AnswerTo<'revoke'>> {
	const { clock, timing } = context;
	const { sessionId, revocation, isProven } = change;
	let wasEverywhere = true;
	// Kept, so that repositories that are asked within milliseconds get one and the same tombstone.
	let timed = revocation;
	const tombstone = (stored: Session | undefined) => {
		if (stored?.revocation !== undefined) return stored;
		wasEverywhere = false;
		if (stored === undefined) return undefined;
		timed = timely(timed, clock.now().wallMs, timing);
		return readableTombstone(stored, timed);
	};
	const store = () => replicate(context, sessionId, 'visible', tombstone, { isProven });
	const isSettled = ({ session, receipt }: AnswerOf<'found' | 'revoked'>) =>
		wasEverywhere && !receipt.degraded && isOld(session.revocation, clock.now().wallMs, timing);
	let settled = false;
	const answer = await commit(
		context,
		{ ...change, kind: 'end' },
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
 * The tombstone, without the fields of the revocation that this version does not know if they are
 * more than a record may have. Otherwise a session server that was broken into could leave a
 * tombstone that nobody can read.
 */
function readableTombstone(stored: Session, revocation: Revocation): Session {
	const tombstone = withRevocation(stored, revocation);
	if (unknownBytes(tombstone) <= unknownBytesMax) return tombstone;
	const { atMs, reason } = revocation;
	return withRevocation(stored, { atMs, reason });
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
