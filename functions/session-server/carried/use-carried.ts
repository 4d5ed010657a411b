import type { Demand } from '../../access/service-catalog.ts';
import type { Token, TokenDigest } from '../../access/token.ts';
import { type CarriedCopy, claimOf, openCarried } from '../../carried/carried-copy.ts';
import type { InstanceId } from '../../session/session.ts';
import type { Instant } from '../../system/clock.ts';
import type { Instance } from '../instance.ts';
import type { Request, Waiting } from '../request.ts';
import { loadedAt, mayUseCarried } from './acceptance.ts';
import { createKnownKeys } from './known-keys.ts';

/** A request with a carried copy, whose token was verified. */
export interface Presented {
	readonly request: Request;
	readonly token: Token;
	readonly digest: TokenDigest;
	readonly demand: Demand;
	/** The text that the client presented. */
	readonly text: string;
}

/**
 * Takes the copy that the client presented into memory, if it may be used. `undefined` says nothing
 * about the session.
 *
 * The check and the insertion are one step, without waiting in between. Otherwise an end that is
 * read meanwhile would neither refuse the copy nor drop it.
 */
export type UseCarried = (presented: Presented) => Promise<Used | undefined>;

export interface Used {
	/** With the use that this instance knows of. */
	readonly copy: CarriedCopy;
	/** The moment of the check, and the id of this instance then. */
	readonly at: Instant;
	readonly instanceId: InstanceId;
}

export function createUseCarried(instance: Instance): UseCarried {
	const { clock, copies, copyKeys, ends, log, synchronizer, timing, tokenKeys, uses } = instance;
	const keys = copyKeys === undefined ? undefined : createKnownKeys(copyKeys, clock, log);

	/** The content of the text, if a bus signed it and a session server signed the session in it. */
	async function verified(waiting: Waiting, text: string, client: TokenDigest): Promise<CarriedCopy | undefined> {
		const claim = claimOf(text);
		const isTooOld = claim === undefined || claim.knownAtMs < clock.now().wallMs - timing.carriedAgeMs;
		const key = isTooOld ? undefined : await keys?.find(waiting, claim.keyId, client);
		const copy = key === undefined ? undefined : openCarried(key, text);
		return copy !== undefined && (await tokenKeys.verify(copy.session)) === 'genuine' ? copy : undefined;
	}

	return async ({ request, token, digest, demand, text }) => {
		if (ends.has(token.sessionId)) return undefined;
		const copy = await verified(request, text, digest);
		if (copy === undefined || copy.session.id !== token.sessionId) return undefined;
		const isUpToDate = synchronizer.mayUseMemory(request, demand, clock.now());
		if (!isUpToDate && !(await synchronizer.bringUpToDate(request, demand))) return undefined;
		await synchronizer.waitForReadBack(request, copy.knownAtMs);
		const at = clock.now();
		if (!synchronizer.mayUseMemory(request, demand, at)) return undefined;
		const { knownAtMs } = copy;
		// The bus signs no use that the repositories do not know.
		uses.reported(copy.session.id, copy.session.lastSeenAtMs);
		const session = uses.join(copy.session);
		const used = { ...copy, session };
		const knowledge = {
			now: at,
			timing,
			horizonMs: ends.horizonMs(),
			hasEnded: ends.has(session.id),
			keptSince: copies.find(session.id)?.loadedAt,
		};
		if (!mayUseCarried(used, token, knowledge)) return undefined;
		copies.take({ session, loadedAt: loadedAt(knownAtMs, at), knownAtMs });
		copies.accept(session.id, digest, token.secretHash);
		return { copy: used, at, instanceId: synchronizer.instanceId() };
	};
}
