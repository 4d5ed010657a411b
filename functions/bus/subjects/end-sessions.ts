import type { SubjectEntry } from '../../repositories/subject-index.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import { inBatches } from '../../system/in-batches.ts';
import type { BusContext } from '../context.ts';
import { revokeSession } from '../operations/revoke.ts';
import { type EntryStates, underWayMs } from './entry-state.ts';

/** What came of ending sessions whose entries are marked. */
export type SessionsEnded =
	| {
			readonly kind: 'ended';
			/** Those that were live until now. */
			readonly ended: number;
			readonly degraded: boolean;
			/** What became of the entries. */
			readonly states: EntryStates;
	  }
	/** Some may have been ended. The others are marked, and whoever comes next goes on. */
	| { readonly kind: 'unavailable'; readonly reason: string };

/**
 * Ends sessions that are marked in the index, each as a logout does, and then takes their entries out. Repeating it, or dying
 * in between, ends none twice: a mark stays until its session's end was acknowledged.
 *
 * One that is absent may be about to be stored. Its mark stays for as long as that takes, and its login finds it (I1).
 */
export async function endSessions(
	context: BusContext,
	subject: string,
	marked: readonly SubjectEntry[],
	changeId: string,
): Promise<SessionsEnded> {
	const states: EntryStates = new Map();
	let ended = 0;
	let degraded = false;
	const reasons = await inBatches(marked, endWidthMax, async ({ id, createdAtMs, ending = 'quota' }) => {
		const { wallMs } = context.clock.now();
		const revocation = { atMs: wallMs, reason: ending };
		const change = { sessionId: id, proofWanted: false, changeId: `${changeId}.${id}` };
		const answer = await revokeSession(context, { ...change, revocation });
		if (answer.kind === 'unavailable') return answer.reason;
		if (answer.kind === 'revoked') {
			degraded ||= answer.receipt.degraded;
			if (answer.session.revocation?.atMs === wallMs && wasLive(answer.session, wallMs)) ended++;
		}
		const mayCome = answer.kind === 'absent' && wallMs < createdAtMs + underWayMs;
		states.set(id, mayCome ? { kind: 'awaited' } : { kind: 'ended' });
		return undefined;
	});
	const done = new Set(marked.flatMap(({ id }) => (states.get(id)?.kind === 'ended' ? [id] : [])));
	// When this fails, the marks stay, and the sessions are ended once more, to no effect.
	if (done.size > 0)
		await context.subjects.change(subject, (entries) => ({
			outcome: undefined,
			entries: entries.filter(({ id }) => !done.has(id)),
		}));
	const reason = reasons.find((obstacle) => obstacle !== undefined);
	return reason === undefined ? { kind: 'ended', ended, degraded, states } : { kind: 'unavailable', reason };
}

/** Each takes calls to every repository and the feed. */
const endWidthMax = 10;

function wasLive(tombstone: Session, nowMs: number): boolean {
	const { revocation: _, ...session } = tombstone;
	return lifeOf(session, nowMs) === 'live';
}
