import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NotFound } from '../finding/result.ts';
import { type Confirmation, confirmEverywhere } from './confirm-everywhere.ts';
import type { OperationContext } from './context.ts';

export type LoggedOut =
	| {
			readonly kind: 'ended';
			/** Every repository has the tombstone. If not, one still has to learn of it (assumption A3). */
			readonly complete: boolean;
			/** Present when asked for. */
			readonly everywhere?: Confirmation;
			readonly evidence: Evidence;
	  }
	| NotFound;

/**
 * Ends the session that the token names. Repeating a logout is a logout.
 *
 * @param confirm `everywhere`: answer when every live instance has proved that it knows, or when the
 * time for the proof is over
 */
export type Logout = (token: string, confirm?: 'everywhere') => Promise<LoggedOut>;

export function createLogout(context: OperationContext): Logout {
	const { askBus, clock, copies, findSession, stampAfter } = context;

	return async (token, confirm) => {
		// Not `findLive`: a session that looks expired here may be in use elsewhere, and one that is
		// revoked may not have been announced yet.
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
