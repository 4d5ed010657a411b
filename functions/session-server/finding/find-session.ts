import { acceptsSecret } from '../../access/secret.ts';
import type { Demand } from '../../access/service-catalog.ts';
import { type Token, type TokenDigest, tokenDigest, tokenLength } from '../../access/token.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { SessionServerContext } from '../context.ts';
import { tokenKeysUnavailable } from '../identity/token-keys.ts';
import type { Copies, Copy } from '../memory/copies.ts';
import type { Synchronizer } from '../memory/synchronizer.ts';
import { busWaitMaxMs, lastedMs, type Visit } from '../request.ts';
import type { Evidence } from './evidence.ts';
import { createLoader } from './load-session.ts';

/** The session that a token names, which may be revoked or expired; or why there is none. */
export type Found =
	| {
			readonly kind: 'found';
			readonly session: Session;
			/** When the session was known to be in this state: decide as of this moment, before waiting for anything. */
			readonly at: Instant;
			readonly evidence: Evidence;
	  }
	| { readonly kind: 'refused'; readonly code: 'session_malformed' | 'session_unknown'; readonly evidence?: Evidence }
	| { readonly kind: 'unavailable'; readonly reason: string };

export type FindSession = (visit: Visit, token: string, demand: Demand) => Promise<Found>;

/** Steps 1 to 4 of a request: token, sync, memory, then the bus. */
export function createFindSession(
	context: SessionServerContext,
	copies: Copies,
	synchronizer: Synchronizer,
): FindSession {
	const { clock, timing, tokenKeys } = context;
	const load = createLoader(context, copies, synchronizer);

	/** No remote call, and nothing to wait for: the warm path. */
	function recall(visit: Visit, digest: TokenDigest, demand: Demand): Found | undefined {
		const copy = copies.findByToken(digest);
		if (copy === undefined) return undefined;
		const now = clock.now();
		if (!synchronizer.mayUseMemory(visit, demand, now)) return undefined;
		if (elapsedMs(copy.loadedAt, now) > timing.copyAgeMs || isOutlived(copy, digest, now)) {
			copies.drop(copy.session.id);
			return undefined;
		}
		return { kind: 'found', session: copy.session, at: now, evidence: evidenceOfMemory(visit, copy.session, now) };
	}

	/** Another instance may know of later activity, or of a later secret: ask before turning the client away. */
	function isOutlived(copy: Copy, digest: TokenDigest, now: Instant): boolean {
		const secretHash = copy.tokens.get(digest);
		if (secretHash === undefined || !acceptsSecret(copy.session.credential, secretHash, now.wallMs)) return true;
		return lifeOf(copy.session, now.wallMs) === 'expired-idle';
	}

	function evidenceOfMemory(visit: Visit, session: Session, now: Instant): Evidence {
		return {
			session: session.id,
			instanceId: synchronizer.instanceId(),
			source: 'memory',
			owner: session.owner,
			staleMs: synchronizer.sinceSyncMs(now),
			remoteCalls: visit.remoteCalls,
		};
	}

	async function ask(visit: Visit, token: Token, digest: TokenDigest, demand: Demand): Promise<Found> {
		for (let attempt = 0; attempt < loadAttemptsMax; attempt++) {
			if (attempt > 0 && lastedMs(visit, clock.now()) > busWaitMaxMs / 2) break;
			const loaded = await load(visit, token, demand);
			const now = clock.now();
			if (loaded.answer.kind === 'unavailable') return { kind: 'unavailable', reason: loaded.answer.reason };
			// A freeze, or a bus that took its time: what was read may have changed too long ago by now. And what is known to
			// have changed is not used at all, or a logout confirmed everywhere would not be one.
			if (elapsedMs(loaded.begunAt, now) > timing.maxStalenessMs || loaded.isSpoiled()) continue;
			if (loaded.answer.kind === 'absent') return { kind: 'refused', code: 'session_unknown' };
			const { session } = loaded.answer as AnswerOf<'found' | 'revoked'>;
			const evidence = {
				...loaded.evidence(session),
				staleMs: elapsedMs(loaded.begunAt, now),
				remoteCalls: visit.remoteCalls,
			};
			if (!acceptsSecret(session.credential, token.secretHash, now.wallMs))
				return { kind: 'refused', code: 'session_unknown', evidence };
			copies.accept(session.id, digest, token.secretHash);
			return { kind: 'found', session, at: now, evidence };
		}
		return {
			kind: 'unavailable',
			reason: 'the session kept changing, or the bus took longer than the staleness bound',
		};
	}

	return async (visit, tokenText, demand) => {
		if (tokenText.length !== tokenLength) return { kind: 'refused', code: 'session_malformed' };
		const digest = tokenDigest(tokenText);
		synchronizer.startIfDue(visit.arrivedAt);
		const recalled = recall(visit, digest, demand);
		if (recalled !== undefined) return recalled;
		if (copies.findByToken(digest) !== undefined && (await synchronizer.bringUpToDate(visit, demand))) {
			const refreshed = recall(visit, digest, demand);
			if (refreshed !== undefined) return refreshed;
		}
		const token = await tokenKeys.read(tokenText);
		if (token === 'malformed') return { kind: 'refused', code: 'session_malformed' };
		if (token === 'unavailable') return { kind: 'unavailable', reason: tokenKeysUnavailable };
		return ask(visit, token, digest, demand);
	};
}

/**
 * A second attempt follows on a freeze or a change; more would only follow on a bus that is too slow to be of use. None begins
 * when half of the time is gone: it could not end within the other one.
 */
const loadAttemptsMax = 3;
