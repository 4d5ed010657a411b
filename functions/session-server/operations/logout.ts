import { tokenDigest } from '../../access/token.ts';
import type { SessionId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import type { Instant } from '../../system/clock.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NoSession } from '../finding/result.ts';
import { changeCost } from '../rates.ts';
import { nobody, type Request, type Waiting } from '../request.ts';
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
	| NoSession;

/**
 * Ends the session that the token names. A repeated logout succeeds.
 *
 * @param confirm with `everywhere`, the answer waits until every live instance has proved that it
 * knows, or until the time for the proof is over. Then the client repeats the logout, and this
 * instance continues where it was
 */
export type Logout = (token: string, confirm?: 'everywhere') => Promise<LoggedOut>;

/** A logout that was answered, as this instance knows it. Nothing of it is ever undone. */
interface Known {
	/**
	 * When its announcement was certainly in the feed. `settled`: no copy is from before the logout,
	 * or every instance has proved that it knows.
	 */
	readonly announcedAt: Instant | 'settled';
	/** Whether instances were asked to prove that they read it. */
	readonly proofWanted: boolean;
	readonly complete: boolean;
}

/** If a logout is forgotten, repeating it announces it once more. */
const knownMax = 10_000;

export function createLogout(context: OperationContext): Logout {
	const { askBus, clock, copies, finalRefusals, findSession, stampAfter } = context;
	const known = createBoundedMap<SessionId, Known>(knownMax);
	/** Requests for one session share one wait for the proof, and its calls. */
	const confirmations = new Map<SessionId, { readonly calls: Waiting; readonly done: Promise<Confirmation> }>();

	async function confirmOnce(id: SessionId, logout: Known, request: Request, begunAt: Instant): Promise<Confirmation> {
		const { announcedAt } = logout;
		if (announcedAt === 'settled') return { confirmed: true, afterMs: 0, waitingFor: 0 };
		let confirmation = confirmations.get(id);
		if (confirmation === undefined) {
			const calls = nobody();
			confirmation = { calls, done: confirmEverywhere(context, calls, announcedAt, begunAt) };
			confirmations.set(id, confirmation);
		}
		const { calls, done } = confirmation;
		try {
			const everywhere = await done;
			if (everywhere.confirmed) known.set(id, { ...logout, announcedAt: 'settled' });
			request.remoteCalls += calls.remoteCalls;
			return everywhere;
		} finally {
			confirmations.delete(id);
		}
	}

	return async (token, confirm) => {
		// `findLive` would not do. A session that looks expired here may be in use elsewhere, and a
		// revoked one may not be in the feed yet.
		const found = await findSession(token, 'bounded', {
			purpose: confirm === undefined ? 'to end it' : 'to confirm its end',
			cost: changeCost,
		});
		if (found.kind !== 'found') return found;
		const { request } = found;
		const { id } = found.session;
		const begunAt = clock.now();
		const proofWanted = confirm === 'everywhere';
		let logout = known.get(id);
		if (logout === undefined || !logout.complete || (proofWanted && !logout.proofWanted)) {
			const answer = await askBus(request, 'revoke', {
				sessionId: id,
				revocation: { atMs: begunAt.wallMs, reason: 'logout' },
				changeId: stampAfter([]),
				proofWanted,
			});
			copies.drop(id);
			if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
			if (answer.kind === 'limited') return answer;
			if (answer.kind === 'absent')
				return { kind: 'refused', code: 'session_unknown', evidence: withCallsOf(request, found.evidence) };
			const before = known.get(id);
			// A later announcement takes nothing from an earlier one. If its time counted, a proof could
			// be put off by each repetition.
			const announcedAt = answer.settled ? 'settled' : (before?.announcedAt ?? clock.now());
			const complete = !answer.receipt.degraded;
			logout = { announcedAt, complete, proofWanted: proofWanted || answer.settled === true };
			known.set(id, logout);
			finalRefusals.over(tokenDigest(token), answer.session, complete);
		}
		const { complete } = logout;
		const everywhere = proofWanted ? await confirmOnce(id, logout, request, begunAt) : undefined;
		const evidence = withCallsOf(request, found.evidence);
		return { kind: 'ended', complete, ...(everywhere === undefined ? {} : { everywhere }), evidence };
	};
}
