import { tokenDigest } from '../../access/token.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import {
	type AttributeChanges,
	attributeBytes,
	attributeBytesMax,
	changesNothing,
	replacedStamps,
} from '../../session/changes.ts';
import { withActivity } from '../../session/lifetime.ts';
import type { SecretHash, Session } from '../../session/session.ts';
import { versionOf } from '../../session/version.ts';
import { busWaitMaxMs } from '../../system/time-budget.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NoSession } from '../finding/result.ts';
import type { Load } from '../memory/copies.ts';
import { changeCost } from '../rates.ts';
import { lastedMs } from '../request.ts';
import type { OperationContext } from './context.ts';

export type Updated =
	| {
			readonly kind: 'updated';
			readonly session: Session;
			readonly evidence: Evidence;
			/** A new carried copy, for the client to present from now on. */
			readonly carried?: string;
	  }
	/** The session does not have the version `ifVersion`. */
	| { readonly kind: 'conflict'; readonly session: Session }
	/** The attributes would take more than `attributeBytesMax` bytes. */
	| { readonly kind: 'too-large' }
	| NoSession;

/**
 * Sets and deletes attributes. Counts as activity.
 *
 * @param changes the new values by name; `null` deletes an attribute
 * @param ifVersion change the session only if it has this version
 */
export type Update = (token: string, changes: AttributeChanges, ifVersion?: string) => Promise<Updated>;

/**
 * Each attempt uses a stamp larger than those that the previous attempt found. It fails if another
 * author comes between. Some dozens of authors at once need no more attempts than this. The bus
 * must not stamp the change itself: a message that arrives twice would take back what came between.
 */
const stampAttemptsMax = 64;

/** A pause before an attempt is random, so that authors do not come between each other for ever. */
const pauseMsMax = 100;

function updated(session: Session, evidence: Evidence, carried: string | undefined): Updated {
	return { kind: 'updated', session, evidence, ...(carried !== undefined && { carried }) };
}

export function createUpdate(context: OperationContext): Update {
	const { askBus, clock, copies, ends, findLive, randomBytes, recordActivity, stampAfter, synchronizer, uses } =
		context;

	/** Each attempt pauses for longer, up to `pauseMsMax`. */
	async function pause(attempt: number): Promise<void> {
		const [random = 0] = randomBytes(1);
		await clock.delay((random / 256) * Math.min(pauseMsMax, 5 * attempt));
	}

	/** Keeps the session as the change left it, unless it may have changed again. */
	function keep(load: Load, session: Session, token: string, secretHash: SecretHash): void {
		if (copies.insertChanged(load, session)) copies.accept(session.id, tokenDigest(token), secretHash);
	}

	/** The copy and the loads that there are may lack the change. */
	function forget(load: Load): void {
		copies.abandon(load);
		copies.drop(load.sessionId);
	}

	return async (token, changes, ifVersion) => {
		const found = await findLive(token, 'bounded', { cost: changeCost });
		if (found.kind !== 'found') return found;
		const { request, secretHash } = found;
		const { wallMs } = clock.now();
		if (ifVersion === undefined && changesNothing(found.session, changes)) {
			// Another value may have been acknowledged since the last sync, and this one would be lost. A
			// sync would not do, because it compares clocks (I12).
			const current = await askBus(request, 'read', { sessionId: found.session.id, secretHash, demand: 'strict' });
			if (current.kind === 'found' && changesNothing(current.session, changes)) {
				await recordActivity(found, wallMs);
				const evidence = withCallsOf(request, found.evidence);
				// A copy shows use in steps. An answer from it must not show less than this one, or more.
				const copy = copies.find(found.session.id)?.session;
				const joined = uses.join(current.session);
				const session = copy === undefined ? joined : withActivity(joined, copy.lastSeenAtMs);
				copies.seen(session.id, session.lastSeenAtMs);
				return updated(session, evidence, current.carried);
			}
			// The message that follows may not be answered.
			if (current.kind === 'revoked') {
				copies.drop(found.session.id);
				ends.add(found.session.id, clock.now().wallMs);
			}
		}
		if (attributeBytes(found.session, changes) > attributeBytesMax) {
			await recordActivity(found, wallMs);
			return { kind: 'too-large' };
		}
		// The message itself carries the use.
		uses.add(found, wallMs);
		let seen = found.session;
		for (let attempt = 0; attempt < stampAttemptsMax; attempt++) {
			if (attempt > 1) await pause(attempt);
			if (attempt > 0 && lastedMs(request, clock.now()) > busWaitMaxMs) break;
			if (ifVersion !== undefined && attempt > 0 && versionOf(seen) !== ifVersion) {
				await recordActivity(found, wallMs);
				return { kind: 'conflict', session: seen };
			}
			const stamp = stampAfter(replacedStamps(seen, Object.keys(changes)));
			// Without a lease and a sync, the instance would not learn what came between.
			const mayKeep = synchronizer.learnsOfChanges();
			const load = copies.beginLoad(seen.id, clock.now(), stamp);
			const answer = await askBus(request, 'update', {
				sessionId: seen.id,
				secretHash,
				changes: { ...changes },
				stamp,
				...(ifVersion === undefined ? {} : { ifVersion }),
				...uses.carried(seen.id),
			});
			const evidence = withCallsOf(request, found.evidence);
			if (answer.kind === 'found') {
				uses.reported(seen.id, answer.session.lastSeenAtMs);
				const session = uses.join(answer.session);
				if (mayKeep && isCertain(answer.receipt)) keep(load, session, token, secretHash);
				else forget(load);
				return updated(session, evidence, answer.carried);
			}
			forget(load);
			switch (answer.kind) {
				case 'revoked':
					uses.ended(seen.id);
					ends.add(seen.id, clock.now().wallMs);
					return { kind: 'refused', code: 'session_revoked', evidence };
				case 'absent':
					return { kind: 'refused', code: 'session_unknown', evidence };
				case 'unavailable':
					return { kind: 'unavailable', reason: answer.reason };
				case 'outdated':
					seen = answer.session;
			}
		}
		return { kind: 'unavailable', reason: 'other writers kept changing the same attributes' };
	};
}

/**
 * Whether every repository has answered. One that did not may have an earlier change that the
 * others lack.
 */
function isCertain({ degraded, doubtful }: Receipt): boolean {
	return !degraded && doubtful !== true;
}
