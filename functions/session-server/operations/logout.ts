import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NotFound } from '../finding/result.ts';
import { type Confirmation, confirmEverywhere } from './confirm-everywhere.ts';
import type { OperationContext } from './context.ts';

export type LoggedOut =
	| {
			readonly kind: 'ended';
			/**
			 * Whether every repository has the tombstone. If not, one still has to learn of it
			 * (assumption A3).
			 */
			readonly complete: boolean;
			/** Present if the client asked for confirmation. */
			readonly everywhere?: Confirmation;
			readonly evidence: Evidence;
	  }
	| NotFound;

/**
 * Ends the session that the token names. A repeated logout succeeds.
 *
 * @param confirm with `everywhere`, the answer waits until every live instance has proved that it
 * knows, or until the time for the proof is over
 */
export type Logout = (token: string, confirm?: 'everywhere') => Promise<LoggedOut>;

export function createLogout(context: OperationContext): Logout {
	const { askBus, clock, copies, findSession, stampAfter } = context;

	return async (token, confirm) => {
		// `findLive` would not do. A session that looks expired here may be in use elsewhere, and a
		// revoked one may not be in the feed yet.
		const found = await findSession(token, 'bounded');
		if (found.kind !== 'found') return found;
		const { session, request } = found;
		const begunAt = clock.now();
		const answer = await askBus(request, 'revoke', {
			sessionId: session.id,
			revocation: { atMs: begunAt.wallMs, reason: 'logout' },
			changeId: stampAfter([]),
			proofWanted: confirm === 'everywhere',
		});
		copies.drop(session.id);
		if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
		if (answer.kind === 'absent')
			return { kind: 'refused', code: 'session_unknown', evidence: withCallsOf(request, found.evidence) };
		const complete = !answer.receipt.degraded;
		if (confirm === undefined) return { kind: 'ended', complete, evidence: withCallsOf(request, found.evidence) };
		const everywhere = await confirmEverywhere(context, request, begunAt);
		return { kind: 'ended', complete, everywhere, evidence: withCallsOf(request, found.evidence) };
	};
}
