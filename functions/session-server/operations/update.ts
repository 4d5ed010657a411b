import {
	type AttributeChanges,
	attributeBytes,
	attributeBytesMax,
	changesNothing,
	replacedStamps,
} from '../../session/changes.ts';
import { withActivity } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import { versionOf } from '../../session/version.ts';
import { busWaitMaxMs } from '../../system/time-budget.ts';
import { type Evidence, withCallsOf } from '../finding/evidence.ts';
import type { NoSession } from '../finding/result.ts';
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
	const { askBus, clock, copies, ends, findLive, randomBytes, recordActivity, stampAfter, uses } = context;

	/** Each attempt pauses for longer, up to `pauseMsMax`. */
	async function pause(attempt: number): Promise<void> {
		const [random = 0] = randomBytes(1);
		await clock.delay((random / 256) * Math.min(pauseMsMax, 5 * attempt));
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
			const answer = await askBus(request, 'update', {
				sessionId: seen.id,
				secretHash,
				changes: { ...changes },
				stamp: stampAfter(replacedStamps(seen, Object.keys(changes))),
				...(ifVersion === undefined ? {} : { ifVersion }),
				...uses.carried(seen.id),
			});
			copies.drop(seen.id);
			const evidence = withCallsOf(request, found.evidence);
			switch (answer.kind) {
				case 'found':
					uses.reported(seen.id, answer.session.lastSeenAtMs);
					return updated(uses.join(answer.session), evidence, answer.carried);
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
