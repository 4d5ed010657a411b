import { isAuthenticatedWithin } from '../../access/decision.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Asker } from '../../protocol/fields/asker.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { type SessionSummary, summaryOf } from '../../session/summary.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { Found } from '../finding/find-session.ts';
import type { NoSession } from '../finding/result.ts';
import { changeCost, subjectCost } from '../rates.ts';
import type { OperationContext } from './context.ts';

export type SessionsListed =
	| {
			readonly kind: 'listed';
			/** Newest first. */
			readonly sessions: readonly SessionSummary[];
			/** Whether the subject has more sessions than a list can have. */
			readonly more: boolean;
			/** How many more there may be that no repository can read. */
			readonly unreadable: number;
			/** Whether there may be more that nobody has used since part of the index was lost. */
			readonly incomplete: boolean;
			readonly current: Session;
			readonly evidence: Evidence;
			/** A new carried copy, if the bus was asked for the asking session. */
			readonly carried?: string;
	  }
	| NoSession;

export type OthersEnded =
	| {
			readonly kind: 'ended';
			/** How many were live until now. */
			readonly ended: number;
			/**
			 * Whether every repository has the tombstones. If not, one still has to learn of some
			 * (assumption A3).
			 */
			readonly complete: boolean;
			/** How many were not ended because no repository can read them. */
			readonly unreadable: number;
			/** Whether more may live that nobody has used since part of the index was lost. */
			readonly incomplete: boolean;
			readonly evidence: Evidence;
	  }
	| NoSession;

export type OneEnded =
	| {
			readonly kind: 'ended';
			readonly complete: boolean;
			/** Whether it was the client's own session. */
			readonly isCurrent: boolean;
			readonly evidence: Evidence;
	  }
	/** The subject has no such session. Another subject may have it. */
	| { readonly kind: 'no-such-session'; readonly evidence: Evidence }
	| NoSession;

/**
 * The operations on all sessions of a subject. Each first finds the client's own session, with the
 * freshness of a `strict` service: a client that was logged out must not end other sessions.
 */
export interface SubjectSessions {
	/** Does not count as activity. */
	listSessions(token: string): Promise<SessionsListed>;
	/**
	 * Ends every session of the subject except the client's own. If the outcome is `unavailable`,
	 * some may have been ended; the client can repeat the request to end the rest.
	 */
	endOthers(token: string): Promise<OthersEnded>;
	/** Ends one session. It succeeds if the session has already been ended. */
	endOne(token: string, handle: SessionId): Promise<OneEnded>;
}

export interface EndingSettings {
	/**
	 * The longest time since the subject proved their identity, for a client that ends other
	 * sessions than its own (OWASP ASVS 5.0, 7.5.2). Without it, there is no limit.
	 */
	readonly endingMaxAuthenticationAgeSeconds?: number | undefined;
}

function askerOf({ session, secretHash }: Found): Asker {
	return { sessionId: session.id, secretHash, subject: session.subject };
}

/**
 * One call of the bus ends at least some dozens of sessions, and a subject has at most a thousand.
 */
const endCallsMax = 20;

export function createSubjectSessions(
	context: OperationContext,
	{ endingMaxAuthenticationAgeSeconds }: EndingSettings,
): SubjectSessions {
	const { askBus, clock, copies, ends, findLive, recordActivity, stampAfter } = context;

	async function listSessions(token: string): Promise<SessionsListed> {
		const found = await findLive(token, 'strict', { cost: subjectCost });
		if (found.kind !== 'found') return found;
		const { session: current, request } = found;
		const answer = await askBus(request, 'list', { asker: askerOf(found) });
		if (answer.kind !== 'listed') return refusal(answer, found);
		const evidence = withCallsOf(request, found.evidence);
		// A session that was established while the index was down is not listed until the index is
		// repaired. The client's own session exists, so it is always listed.
		const isListed = answer.sessions.some(({ id }) => id === current.id);
		// The repositories may not know the last use yet.
		const known = summaryOf(current);
		const sessions = isListed
			? answer.sessions.map((each) => (each.id === known.id && each.lastSeenAtMs < known.lastSeenAtMs ? known : each))
			: [known, ...answer.sessions];
		const { more, unreadable = 0, incomplete = false } = answer;
		const carried = found.carried === undefined ? {} : { carried: found.carried };
		return { kind: 'listed', sessions, more, unreadable, incomplete, current, evidence, ...carried };
	}

	/** The result if the bus does not do for the asking session what it was asked. */
	function refusal(answer: AnswerOf<'revoked' | 'absent' | 'unavailable' | 'limited'>, found: Found): NoSession {
		if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
		if (answer.kind === 'limited') return answer;
		copies.drop(found.session.id);
		if (answer.kind === 'revoked') ends.add(found.session.id, clock.now().wallMs);
		const code = answer.kind === 'revoked' ? 'session_revoked' : 'session_unknown';
		return { kind: 'refused', code, evidence: withCallsOf(found.request, found.evidence) };
	}

	/** Finds the session of a client that may end other sessions, or the one with this handle. */
	async function findEnding(token: string, handle?: SessionId): ReturnType<typeof findLive> {
		const cost = handle === undefined ? subjectCost : changeCost;
		const found = await findLive(token, 'strict', { cost });
		if (found.kind !== 'found' || found.session.id === handle) return found;
		const { session, at, evidence } = found;
		if (isAuthenticatedWithin(session.credential, endingMaxAuthenticationAgeSeconds, at.wallMs)) return found;
		return { kind: 'refused', code: 'reauthentication_required', evidence };
	}

	async function endOthers(token: string): Promise<OthersEnded> {
		const found = await findEnding(token);
		if (found.kind !== 'found') return found;
		const { request } = found;
		const { wallMs } = clock.now();
		await recordActivity(found, wallMs);
		const fields = {
			asker: askerOf(found),
			revocation: { atMs: wallMs, reason: 'logout' },
			changeId: stampAfter([]),
		} as const;
		let ended = 0;
		let complete = true;
		for (let call = 0; call < endCallsMax; call++) {
			const answer = await askBus(request, 'revokeSubject', fields);
			if (answer.kind !== 'ended') return refusal(answer, found);
			ended += answer.ended;
			complete &&= !answer.degraded;
			const evidence = withCallsOf(request, found.evidence);
			if (!answer.more) {
				const { unreadable = 0, incomplete = false } = answer;
				complete &&= unreadable === 0 && !incomplete;
				return { kind: 'ended', ended, complete, unreadable, incomplete, evidence };
			}
		}
		return { kind: 'unavailable', reason: 'the sessions are too many to be ended at once' };
	}

	async function endOne(token: string, handle: SessionId): Promise<OneEnded> {
		const found = await findEnding(token, handle);
		if (found.kind !== 'found') return found;
		const { session: current, request } = found;
		const { wallMs } = clock.now();
		const isCurrent = handle === current.id;
		if (!isCurrent) await recordActivity(found, wallMs);
		const answer = await askBus(request, 'revoke', {
			sessionId: handle,
			asker: askerOf(found),
			revocation: { atMs: wallMs, reason: 'logout' },
			changeId: stampAfter([]),
			proofWanted: false,
		});
		const evidence = withCallsOf(request, found.evidence);
		if (answer.kind === 'absent') return { kind: 'no-such-session', evidence };
		if (answer.kind !== 'revoked' || answer.session.id !== handle) return refusal(answer, found);
		copies.drop(handle);
		ends.add(handle, clock.now().wallMs);
		return { kind: 'ended', complete: !answer.receipt.degraded, isCurrent, evidence };
	}

	return { listSessions, endOthers, endOne };
}
