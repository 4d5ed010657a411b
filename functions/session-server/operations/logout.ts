import { tokenDigest } from '../../access/token.ts';
import type { SessionId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import type { Instant } from '../../system/clock.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import { mayBeWaitedFor } from '../finding/find-session.ts';
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
			/** Missing if the instance knew before that the session has ended everywhere. */
			readonly evidence?: Evidence;
	  }
	| NoSession;

/**
 * Ends the session that the token names. A repeated logout succeeds.
 *
 * @param confirm with `everywhere`, the answer waits until every live instance has proved that it
 * knows, or until the time for the proof is over. Then the client repeats the logout, and this
 * instance continues where it was. Only one request waits: while it may, the others are
 * told to ask again
 * @param presented the carried copy that the client presented beside its token, unchecked
 */
export type Logout = (token: string, confirm?: 'everywhere', presented?: string) => Promise<LoggedOut>;

/** A logout that was answered, as this instance knows it. Nothing of it is ever undone. */
interface Known {
	/**
	 * When its announcement was certainly in the feed. `proved`: every instance has proved that it
	 * knows.
	 */
	readonly announcedAt: Instant | 'proved';
	/** Whether instances were asked to prove that they read it. */
	readonly proofWanted: boolean;
	readonly complete: boolean;
}

const proved: Confirmation = { confirmed: true, afterMs: 0, waitingFor: 0 };
/** Nobody has looked. */
const unproved: Confirmation = { confirmed: false, afterMs: 0 };

/** If a logout is forgotten, repeating it announces it once more. */
const knownMax = 10_000;

export function createLogout(context: OperationContext): Logout {
	const { askBus, clock, copies, finalRefusals, findSession, stampAfter } = context;
	const known = createBoundedMap<SessionId, Known>(knownMax);
	/** Requests for one session share one wait for the proof, and its calls. */
	const confirmations = new Map<SessionId, { readonly calls: Waiting; readonly done: Promise<Confirmation> }>();

	async function confirmOnce(id: SessionId, logout: Known, request: Request, begunAt: Instant): Promise<Confirmation> {
		const { announcedAt } = logout;
		if (announcedAt === 'proved') return proved;
		let confirmation = confirmations.get(id);
		if (confirmation === undefined) {
			const calls = nobody();
			confirmation = { calls, done: confirmEverywhere(context, calls, announcedAt, begunAt) };
			confirmations.set(id, confirmation);
		}
		const { calls, done } = confirmation;
		try {
			const everywhere = await done;
			if (everywhere.confirmed) known.set(id, { ...logout, announcedAt: 'proved' });
			request.remoteCalls += calls.remoteCalls;
			return everywhere;
		} finally {
			confirmations.delete(id);
		}
	}

	/** The answer if this instance has had the end acknowledged, and there is nothing to do. */
	function endedBefore(token: string): LoggedOut {
		const final = finalRefusals.find(tokenDigest(token), clock.now());
		const everywhere = final?.proved ? proved : unproved;
		return { kind: 'ended', complete: final?.everywhere === true, everywhere };
	}

	return async (token, confirm, presented) => {
		// `findLive` would not do. A session that looks expired here may be in use elsewhere, and a
		// revoked one may not be in the feed yet.
		const found = await findSession(token, 'bounded', {
			purpose: confirm === undefined ? 'to end it' : 'to confirm its end',
			cost: changeCost,
			part: 'head',
			carried: presented,
		});
		const proofWanted = confirm === 'everywhere';
		if (proofWanted && found.kind === 'refused' && found.code === 'session_revoked') return endedBefore(token);
		if (found.kind !== 'found') return found;
		const { request, secretHash } = found;
		const { id } = found.session;
		const begunAt = clock.now();
		let endedAtMs = found.session.revocation?.atMs;
		let logout = known.get(id);
		if (logout === undefined || !logout.complete || (proofWanted && !logout.proofWanted)) {
			const answer = await askBus(request, 'revoke', {
				sessionId: id,
				asker: { sessionId: id, secretHash },
				revocation: { atMs: begunAt.wallMs, reason: 'logout' },
				changeId: stampAfter([]),
				proofWanted,
			});
			copies.drop(id);
			if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
			if (answer.kind === 'limited') return answer;
			if (answer.kind === 'absent')
				return { kind: 'refused', code: 'session_unknown', evidence: withCallsOf(request, found.evidence) };
			context.ends.add(id, clock.now().wallMs);
			const before = known.get(id);
			// A later announcement takes nothing from an earlier one. If its time counted, a proof could
			// be put off by each repetition.
			const announcedAt = before?.announcedAt ?? clock.now();
			const complete = !answer.receipt.degraded;
			logout = { announcedAt, complete, proofWanted };
			known.set(id, logout);
			finalRefusals.over(tokenDigest(token), answer.session, complete);
			endedAtMs = answer.session.revocation?.atMs;
		}
		const { complete } = logout;
		// Another request ended the session, and may be waiting for the proof. This one had to announce
		// the end, because the other one may have failed.
		const isRepeated = endedAtMs !== begunAt.wallMs && mayBeWaitedFor(endedAtMs, begunAt);
		let everywhere: Confirmation | undefined;
		if (proofWanted) everywhere = isRepeated ? unproved : await confirmOnce(id, logout, request, begunAt);
		if (complete && everywhere?.confirmed) finalRefusals.proved(tokenDigest(token));
		const evidence = withCallsOf(request, found.evidence);
		return { kind: 'ended', complete, ...(everywhere === undefined ? {} : { everywhere }), evidence };
	};
}
