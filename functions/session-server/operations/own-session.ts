import { type AttributeChanges, attributeBytes, attributeBytesMax, replacedStamps } from '../../session/changes.ts';
import type { Revocation, Session } from '../../session/session.ts';
import { versionOf } from '../../session/version.ts';
import type { SessionServerContext } from '../context.ts';
import type { Evidence } from '../finding/evidence.ts';
import type { FindLive, NotFound, Viewed } from '../finding/find-live.ts';
import type { FindSession } from '../finding/find-session.ts';
import type { Copies } from '../memory/copies.ts';
import type { Synchronizer } from '../memory/synchronizer.ts';
import type { Visit } from '../request.ts';
import type { StampAfter } from '../stamper.ts';
import type { RecordActivity } from './activity.ts';
import { type Confirmation, confirmEverywhere } from './confirm-everywhere.ts';

export type Updated =
	| { readonly kind: 'updated'; readonly session: Session; readonly evidence: Evidence }
	| { readonly kind: 'conflict'; readonly session: Session }
	/** The attributes would take more than `attributeBytesMax` bytes. */
	| { readonly kind: 'too-large' }
	| NotFound;
export type LoggedOut =
	/** `complete`: every repository has the tombstone. If not, one still has to learn of it (assumption A3). */
	| {
			readonly kind: 'ended';
			readonly complete: boolean;
			/** Present when asked for. */
			readonly everywhere?: Confirmation;
			readonly evidence?: Evidence;
	  }
	| NotFound;

/** What a client does with its own session. */
export interface OwnSession {
	/** Does not count as activity. */
	view(visit: Visit, token: string): Promise<Viewed>;
	/** Sets and deletes attributes; only if the session has the version `ifVersion`, where one is given. */
	update(visit: Visit, token: string, changes: AttributeChanges, ifVersion?: string): Promise<Updated>;
	/** Repeating a logout is a logout. `confirm`: answers when every instance has proved that it knows. */
	logout(visit: Visit, token: string, confirm?: 'everywhere'): Promise<LoggedOut>;
}

/** Each attempt is stamped after what the one before found; only a clock beyond the skew margin needs more than two. */
const stampAttemptsMax = 4;

export function createOwnSession(
	context: SessionServerContext,
	copies: Copies,
	synchronizer: Synchronizer,
	findSession: FindSession,
	findLive: FindLive,
	recordActivity: RecordActivity,
	stampAfter: StampAfter,
): OwnSession {
	async function update(visit: Visit, token: string, changes: AttributeChanges, ifVersion?: string): Promise<Updated> {
		const found = await findLive(visit, token, 'bounded');
		if (found.kind !== 'found') return found;
		recordActivity(found.session, context.clock.now().wallMs);
		if (attributeBytes(found.session, changes) > attributeBytesMax) return { kind: 'too-large' };
		let seen = found.session;
		for (let attempt = 0; attempt < stampAttemptsMax; attempt++) {
			if (ifVersion !== undefined && attempt > 0 && versionOf(seen) !== ifVersion)
				return { kind: 'conflict', session: seen };
			visit.remoteCalls++;
			const answer = await context.askBus({
				operation: 'update',
				sessionId: seen.id,
				changes: { ...changes },
				stamp: stampAfter(replacedStamps(seen, Object.keys(changes))),
				...(ifVersion === undefined ? {} : { ifVersion }),
			});
			copies.drop(seen.id);
			const evidence = { ...found.evidence, remoteCalls: visit.remoteCalls };
			if (answer.kind === 'found') return { kind: 'updated', session: answer.session, evidence };
			if (answer.kind === 'revoked') return { kind: 'refused', code: 'session_revoked', evidence };
			if (answer.kind === 'absent') return { kind: 'refused', code: 'session_unknown', evidence };
			if (answer.kind !== 'outdated')
				return { kind: 'unavailable', reason: answer.kind === 'unavailable' ? answer.reason : 'unexpected answer' };
			seen = answer.session;
		}
		return { kind: 'unavailable', reason: 'other writers kept changing the same attributes' };
	}

	async function logout(visit: Visit, token: string, confirm?: 'everywhere'): Promise<LoggedOut> {
		const found = await findSession(visit, token, 'bounded');
		if (found.kind !== 'found') return found;
		const { session } = found;
		// One that looks expired here may be in use elsewhere, and one that is revoked may not have been announced yet.
		const begunAt = context.clock.now();
		const revocation: Revocation = { atMs: begunAt.wallMs, reason: 'logout' };
		const acknowledge = confirm === 'everywhere';
		visit.remoteCalls++;
		const answer = await context.askBus({
			operation: 'revoke',
			sessionId: session.id,
			revocation,
			changeId: stampAfter([]),
			acknowledge,
		});
		copies.drop(session.id);
		const evidence = () => ({ ...found.evidence, remoteCalls: visit.remoteCalls });
		if (answer.kind === 'absent') return { kind: 'refused', code: 'session_unknown', evidence: evidence() };
		if (answer.kind !== 'revoked')
			return { kind: 'unavailable', reason: answer.kind === 'unavailable' ? answer.reason : 'unexpected answer' };
		const complete = !answer.receipt.degraded;
		if (!acknowledge) return { kind: 'ended', complete, evidence: evidence() };
		const everywhere = await confirmEverywhere(context, visit, synchronizer, begunAt);
		return { kind: 'ended', complete, everywhere, evidence: evidence() };
	}

	return { view: (visit, token) => findLive(visit, token, 'bounded'), update, logout };
}
