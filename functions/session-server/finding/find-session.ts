import type { Demand } from '../../access/service-catalog.ts';
import { acceptsSecret, hasTokenLength, type Token, type TokenDigest, tokenDigest } from '../../access/token.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import { lifeOf } from '../../session/lifetime.ts';
import type { InstanceId, SecretHash, Session } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import { busWaitMaxMs, proofWaitMs } from '../../system/time-budget.ts';
import { createUseCarried } from '../carried/use-carried.ts';
import { tokenKeysUnavailable } from '../identity/token-keys.ts';
import type { Instance } from '../instance.ts';
import type { Copy } from '../memory/copies.ts';
import type { FinalRefusal } from '../memory/final-refusals.ts';
import { loadCost } from '../rates.ts';
import { lastedMs, type Request, type Waiting } from '../request.ts';
import type { Evidence, SeenLease } from './evidence.ts';
import { createLoader } from './load-session.ts';
import type { NoSession } from './result.ts';

/** The session that a token names. It may be revoked or expired. */
export interface Found {
	readonly kind: 'found';
	readonly session: Session;
	/** Of the token. The bus takes it as proof that the client presented the token. */
	readonly secretHash: SecretHash;
	/**
	 * When the session was known to be in this state. The caller must decide as of this moment, and
	 * before it waits for anything.
	 */
	readonly at: Instant;
	readonly evidence: Evidence;
	/** The request that asks. It counts the calls of the operation that follows. */
	readonly request: Request;
	/** A new carried copy, for the client to present from now on instead of the one that it has. */
	readonly carried?: string;
}

/**
 * The first half of every request. The instance reads the token, syncs if necessary, and looks in
 * its memory. Without a usable copy it looks at the owner's lease and asks the bus.
 */
export type FindSession = (token: string, demand: Demand, how?: How) => Promise<Found | NoSession>;

export interface How {
	/**
	 * `to end it`: the session is looked for although it is known to be over, unless no instance lets
	 * it in. `to confirm its end`: it is looked for unless there is proof of that, or another
	 * request may be waiting for it.
	 */
	readonly purpose?: 'to end it' | 'to confirm its end';
	/**
	 * The cost of the request, taken from the bucket of its token.
	 *
	 * @default 1
	 */
	readonly cost?: number;
	/** The carried copy that the client presented beside its token, unchecked. */
	readonly carried?: string | undefined;
	/**
	 * `head`: the caller needs no attributes. Then a carried copy will do, and the session that is
	 * found may be a stub.
	 *
	 * @default 'whole'
	 */
	readonly part?: 'whole' | 'head';
	/** The request that looks again. It keeps its place in the order of events, and its calls. */
	readonly request?: Request;
}

export function createFindSession(instance: Instance): FindSession {
	const { buckets, clock, timing, tokenKeys, copies, ends, finalRefusals, synchronizer } = instance;
	const load = createLoader(instance);
	const useCarried = createUseCarried(instance);

	/** The warm path, without a remote call. A copy that may no longer be used is discarded. */
	function findInMemory(search: Search): Found | undefined {
		const { request, digest, demand } = search;
		const copy = copyFor(search);
		if (copy === undefined) return undefined;
		const now = clock.now();
		if (!synchronizer.mayUseMemory(request, demand, now)) return undefined;
		const { session, knownAtMs } = copy;
		const secretHash = copy.tokens.get(digest);
		const ageMaxMs = knownAtMs === undefined ? timing.copyAgeMs : timing.carriedAgeMs;
		const isTooOld = elapsedMs(copy.loadedAt, now) > ageMaxMs;
		if (isTooOld || secretHash === undefined || mayBeBehind(session, secretHash, now)) {
			copies.discard(session.id);
			return undefined;
		}
		const from = { instanceId: synchronizer.instanceId(), staleMs: synchronizer.sinceSyncMs(now), request };
		const evidence = evidenceFromMemory(session, from);
		const dated = knownAtMs === undefined ? evidence : { ...evidence, knownAtMs };
		return { kind: 'found', session, secretHash, at: now, evidence: dated, request };
	}

	/** A copy that came from a client has no attributes. */
	function copyFor({ digest, part }: Search): Copy | undefined {
		const copy = copies.findByToken(digest);
		return part === 'whole' && copy?.knownAtMs !== undefined ? undefined : copy;
	}

	/**
	 * Whether the request may be answered by a copy under a sync, or by nothing before one. Any other
	 * request asks the bus first, and a sync that is due begins once that message has left. The work
	 * for the calls of the sync would delay the message.
	 */
	function mayNeedSync(search: Search): boolean {
		if (search.text !== undefined || copyFor(search) !== undefined) return true;
		return !synchronizer.learnsOfChanges() || !synchronizer.holdsLease(search.request.arrivedAt);
	}

	/** The copy that the client carries, if it may be used. */
	async function findCarried(search: Search, token: Token): Promise<Found | undefined> {
		const { request, text } = search;
		const used = text === undefined ? undefined : await useCarried({ ...search, token, text });
		if (used === undefined) return undefined;
		const { session, knownAtMs, receipt } = used.copy;
		const { at, instanceId } = used;
		const from = { instanceId, staleMs: synchronizer.sinceSyncMs(at), request };
		const evidence = { ...evidenceFromMemory(session, from), source: 'carried', knownAtMs, receipt } as const;
		return { kind: 'found', session, secretHash: token.secretHash, at, evidence, request };
	}

	/**
	 * Whether the copy would refuse the client for a reason that another instance may have changed
	 * since: its secret may be newer, or its activity later. Then the bus is asked before the client
	 * is refused.
	 */
	function mayBeBehind(session: Session, secretHash: SecretHash, now: Instant): boolean {
		if (!acceptsSecret(session.credential, secretHash, now.wallMs)) return true;
		return lifeOf(session, now.wallMs) === 'expired-idle';
	}

	async function loadFromBus(
		request: Request,
		token: Token,
		digest: TokenDigest,
		demand: Demand,
		purpose: How['purpose'],
	): Promise<Found | NoSession> {
		for (let attempt = 0; attempt < loadAttemptsMax; attempt++) {
			if (attempt > 0 && lastedMs(request, clock.now()) > busWaitMaxMs / 2) break;
			const { answer, begunAt, isSpoiled, ...from } = await load(request, token, demand);
			const now = clock.now();
			if (answer.kind === 'unavailable') return { kind: 'unavailable', reason: answer.reason };
			// The answer is too old, after a freeze or from a slow bus, or the session has changed since.
			// If it were used, a session could be let in after its logout was confirmed everywhere.
			// A tombstone is never too old.
			const isOver = answer.kind === 'revoked';
			if (!isOver && (elapsedMs(begunAt, now) > timing.maxStalenessMs || isSpoiled())) continue;
			if (answer.kind === 'absent') {
				finalRefusals.absent(digest, now);
				return { kind: 'refused', code: 'session_unknown' };
			}
			const { session } = answer;
			const mayHaveSlept = !synchronizer.hasWorkedThroughALease(now);
			const evidence = evidenceFromBus(answer, { ...from, mayHaveSlept, staleMs: elapsedMs(begunAt, now), request });
			// A tombstone may have the credential of a forged record. The bus has looked at the secret.
			if (!isOver && !acceptsSecret(session.credential, token.secretHash, now.wallMs))
				return { kind: 'refused', code: 'session_unknown', evidence };
			if (isOver) {
				copies.drop(session.id);
				ends.add(session.id, now.wallMs);
			} else copies.accept(session.id, digest, token.secretHash);
			const life = lifeOf(session, now.wallMs);
			// A repository that did not answer may know of later use.
			if (life === 'expired-idle' && someAreSilent(answer.receipt) && purpose === undefined)
				return { kind: 'unavailable', reason: 'a repository that may know of later use did not answer' };
			if (life === 'revoked' || life === 'expired-absolute') finalRefusals.over(digest, session);
			const found = { kind: 'found', session, secretHash: token.secretHash, at: now, evidence, request } as const;
			return answer.kind === 'found' && answer.carried !== undefined ? { ...found, carried: answer.carried } : found;
		}
		return {
			kind: 'unavailable',
			reason: 'the session kept changing, or the bus took longer than the staleness bound',
		};
	}

	return async (tokenText, demand, { purpose, cost = 1, part = 'whole', carried, ...how } = {}) => {
		const request = how.request ?? synchronizer.arrive();
		if (!hasTokenLength(tokenText)) return { kind: 'refused', code: 'session_malformed' };
		const digest = tokenDigest(tokenText);
		const waitMs = buckets.take(digest, cost, request.arrivedAt.monotonicMs);
		if (waitMs > 0) return { kind: 'limited', waitMs };
		// A session with a copy is not revoked, as far as this instance knows.
		const final = copies.findByToken(digest) ? undefined : finalRefusals.find(digest, request.arrivedAt);
		if (final !== undefined && isEnough(final, purpose, request.arrivedAt))
			return { kind: 'refused', code: final.code };
		// A session that is known to be over needs more than a copy to be let in again.
		const text = final === undefined && part === 'head' ? carried : undefined;
		const search = { request, digest, demand, part, text };
		if (mayNeedSync(search)) synchronizer.startIfDue(clock.now());
		const known = findInMemory(search);
		if (known !== undefined) return known;
		if (copyFor(search) !== undefined && (await synchronizer.bringUpToDate(request, demand))) {
			const refreshed = findInMemory(search);
			if (refreshed !== undefined) return refreshed;
		}
		const token = await tokenKeys.read(tokenText);
		if (token === 'malformed') return { kind: 'refused', code: 'session_malformed' };
		if (token === 'unavailable') return { kind: 'unavailable', reason: tokenKeysUnavailable };
		// By then the clocks of all instances say that the session has reached its age limit.
		if (request.arrivedAt.wallMs >= token.overAtMs + timing.skewMs)
			return { kind: 'refused', code: 'session_expired_absolute' };
		const taken = await findCarried(search, token);
		if (taken !== undefined) return taken;
		const loadWaitMs = buckets.take(digest, loadCost, request.arrivedAt.monotonicMs);
		if (loadWaitMs > 0) return { kind: 'limited', waitMs: loadWaitMs };
		return loadFromBus(request, token, digest, demand, purpose);
	};
}

/** A request for a session, before its token is verified. */
interface Search {
	readonly request: Request;
	readonly digest: TokenDigest;
	readonly demand: Demand;
	readonly part: 'whole' | 'head';
	/** The carried copy that the client presented, unless it is of no use. */
	readonly text: string | undefined;
}

/** A corrupt record says nothing about use, and its repair takes what the others say. */
function someAreSilent({ asked }: Receipt): boolean {
	return asked.some(({ outcome }) => outcome === 'unavailable' || outcome === 'circuit-open');
}

/** Whether there is nothing to do but to refuse. */
function isEnough({ everywhere, proved, endedAtMs }: FinalRefusal, purpose: How['purpose'], at: Instant): boolean {
	if (purpose === undefined) return true;
	return purpose === 'to end it' ? everywhere : proved || (everywhere && mayBeWaitedFor(endedAtMs, at));
}

/**
 * Whether another request may be waiting for the proof of a logout: the one that ended the session.
 * If each repetition waited as well, a client that repeats the logout would hold an instance with
 * each.
 */
export function mayBeWaitedFor(endedAtMs: number | undefined, now: Instant): boolean {
	return endedAtMs !== undefined && now.wallMs - endedAtMs < proofWaitMs;
}

/**
 * A second attempt follows a freeze or a change of the session. More attempts would only help if
 * the bus were too slow to be of use. No attempt begins after half of the time, because it could
 * not end in time.
 */
const loadAttemptsMax = 3;

/** The evidence of a decision from a copy in memory. */
function evidenceFromMemory(
	session: Session,
	from: { readonly instanceId: InstanceId; readonly staleMs: number; readonly request: Waiting },
): Evidence {
	const { instanceId, staleMs, request } = from;
	return {
		session: session.id,
		instanceId,
		source: 'memory',
		owner: session.owner,
		staleMs,
		remoteCalls: request.remoteCalls,
	};
}

/** The evidence of a decision from an answer of the bus. */
function evidenceFromBus(
	answer: AnswerOf<'found' | 'revoked'>,
	from: {
		/** The instance that asked. */
		readonly instanceId: InstanceId;
		readonly lease: SeenLease | undefined;
		/** Whether this instance has not worked through a whole lease. */
		readonly mayHaveSlept: boolean;
		readonly staleMs: number;
		readonly request: Waiting;
	},
): Evidence {
	const { session, receipt } = answer;
	const { instanceId, lease, staleMs, request } = from;
	return {
		session: session.id,
		instanceId,
		source: sourceOf(answer, instanceId),
		...(isFailover(answer) && from.mayHaveSlept ? { afterSleep: true as const } : {}),
		owner: session.owner,
		receipt,
		...(lease === undefined ? {} : { lease }),
		staleMs,
		remoteCalls: request.remoteCalls,
	};
}

function sourceOf(answer: AnswerOf<'found' | 'revoked'>, asker: InstanceId): Evidence['source'] {
	if (isFailover(answer)) return 'failover';
	return answer.session.owner.instanceId === asker ? 'reloaded' : 'borrowed';
}

function isFailover(answer: AnswerOf<'found' | 'revoked'>): boolean {
	return answer.adopted === true || (answer.kind === 'found' && answer.adoptable === true);
}
