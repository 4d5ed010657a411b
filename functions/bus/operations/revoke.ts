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

/**
 * Ends a session that is proven to be one that the asker may end. Any other one is `absent`.
 *
 * The end is announced even if every repository had the tombstone. Its time does not tell since
 * when they have had it: one may have got it just now, and copies from before that may be in use.
 */
export async function revokeSession(
	context: BusContext,
	change: Omit<Change, 'kind'> & { readonly revocation: Revocation; readonly isProven: IsProven },
): Promise<AnswerTo<'revoke'>> {
	const { sessionId, revocation, isProven } = change;
	const tombstone = (stored: Session | undefined) =>
		stored === undefined || stored.revocation !== undefined ? stored : readableTombstone(stored, revocation);
	const store = () => replicate(context, sessionId, 'visible', tombstone, { isProven });
	const isDone = (stored: Session) => stored.revocation !== undefined;
	const answer = await commit(context, { ...change, kind: 'end' }, store, isDone);
	// The join of a tombstone with anything is a tombstone.
	if (answer.kind === 'found' || answer.kind === 'outdated') return unavailable('it was not ended', answer.receipt);
	return answer;
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
