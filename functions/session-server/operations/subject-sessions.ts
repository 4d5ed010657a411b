import type { Answer } from '../../protocol/answers.ts';
import type { Message } from '../../protocol/messages.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { type SessionSummary, summaryOf } from '../../session/summary.ts';
import type { SessionServerContext } from '../context.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { FindLive, NotFound } from '../finding/find-live.ts';
import type { Copies } from '../memory/copies.ts';
import type { Visit } from '../request.ts';
import type { StampAfter } from '../stamper.ts';
import type { RecordActivity } from './activity.ts';

export type SessionsListed =
	| {
			readonly kind: 'listed';
			/** Newest first. */
			readonly sessions: readonly SessionSummary[];
			/** There are more than a list has room for. */
			readonly more: boolean;
			readonly current: Session;
			readonly evidence: Evidence;
	  }
	| NotFound;

/** `complete`: every repository has the tombstones. If not, one still has to learn of some (assumption A3). */
export type OthersEnded =
	| {
			readonly kind: 'ended';
			/** How many were live until now. */
			readonly ended: number;
			readonly complete: boolean;
			readonly evidence: Evidence;
	  }
	| NotFound;

export type OneEnded =
	| {
			readonly kind: 'ended';
			readonly complete: boolean;
			/** Whether it was the very session that asked. */
			readonly isCurrent: boolean;
			readonly evidence: Evidence;
	  }
	/** The subject has no such session, whether or not someone else has. */
	| { readonly kind: 'no-such-session'; readonly evidence: Evidence }
	| NotFound;

/**
 * What a client does with all of its subject's sessions. Each operation first finds the client's own session, with the freshness of
 * a `strict` service: who was logged out must not log others out.
 */
export interface OwnSubject {
	/** Does not count as activity. */
	listSessions(visit: Visit, token: string): Promise<SessionsListed>;
	/** Ends every session of the subject but the client's own. What is unavailable is repeated, and goes on. */
	endOthers(visit: Visit, token: string): Promise<OthersEnded>;
	/** Ends one; one that has ended before is as the client wants it. */
	endOne(visit: Visit, token: string, handle: SessionId): Promise<OneEnded>;
}

/** The bus ends some dozens of sessions in one call at least, and a subject has no more than a thousand. */
const endCallsMax = 20;

export function createOwnSubject(
	context: SessionServerContext,
	copies: Copies,
	findLive: FindLive,
	recordActivity: RecordActivity,
	stampAfter: StampAfter,
): OwnSubject {
	function ask(visit: Visit, message: Message): Promise<Answer> {
		visit.remoteCalls++;
		return context.askBus(message);
	}

	async function listSessions(visit: Visit, token: string): Promise<SessionsListed> {
		const found = await findLive(visit, token, 'strict');
		if (found.kind !== 'found') return found;
		const { session: current } = found;
		const answer = await ask(visit, { operation: 'list', subject: current.subject });
		if (answer.kind !== 'listed') return unavailable(answer);
		const evidence = { ...found.evidence, remoteCalls: visit.remoteCalls };
		// One that was established while the index was away is missing until it is repaired; but this one is here, asking.
		const isListed = answer.sessions.some(({ id }) => id === current.id);
		const sessions = isListed ? answer.sessions : [summaryOf(current), ...answer.sessions];
		return { kind: 'listed', sessions, more: answer.more, current, evidence };
	}

	async function endOthers(visit: Visit, token: string): Promise<OthersEnded> {
		const found = await findLive(visit, token, 'strict');
		if (found.kind !== 'found') return found;
		const { session: current } = found;
		const { wallMs } = context.clock.now();
		recordActivity(current, wallMs);
		const message = {
			operation: 'revokeSubject',
			subject: current.subject,
			except: current.id,
			revocation: { atMs: wallMs, reason: 'logout' },
			changeId: stampAfter([]),
		} as const;
		let ended = 0;
		let complete = true;
		for (let call = 0; call < endCallsMax; call++) {
			const answer = await ask(visit, message);
			if (answer.kind !== 'ended') return unavailable(answer);
			ended += answer.ended;
			complete &&= !answer.degraded;
			const evidence = { ...found.evidence, remoteCalls: visit.remoteCalls };
			if (!answer.more) return { kind: 'ended', ended, complete, evidence };
		}
		return { kind: 'unavailable', reason: 'the sessions are too many to be ended at once' };
	}

	async function endOne(visit: Visit, token: string, handle: SessionId): Promise<OneEnded> {
		const found = await findLive(visit, token, 'strict');
		if (found.kind !== 'found') return found;
		const { session: current } = found;
		const { wallMs } = context.clock.now();
		const isCurrent = handle === current.id;
		if (!isCurrent) recordActivity(current, wallMs);
		const answer = await ask(visit, {
			operation: 'revoke',
			sessionId: handle,
			subject: current.subject,
			revocation: { atMs: wallMs, reason: 'logout' },
			changeId: stampAfter([]),
			acknowledge: false,
		});
		const evidence = { ...found.evidence, remoteCalls: visit.remoteCalls };
		if (answer.kind === 'absent') return { kind: 'no-such-session', evidence };
		if (answer.kind !== 'revoked') return unavailable(answer);
		copies.drop(handle);
		return { kind: 'ended', complete: !answer.receipt.degraded, isCurrent, evidence };
	}

	return { listSessions, endOthers, endOne };
}

function unavailable(answer: Answer): { readonly kind: 'unavailable'; readonly reason: string } {
	return { kind: 'unavailable', reason: answer.kind === 'unavailable' ? answer.reason : 'unexpected answer' };
}
