import type { Demand } from '../../access/service-catalog.ts';
import type { Token } from '../../access/token.ts';
import type { Answer, AnswerOf, Receipt } from '../../protocol/answers.ts';
import type { InstanceId, Session } from '../../session/session.ts';
import type { Instant } from '../../system/clock.ts';
import type { SessionServerContext } from '../context.ts';
import type { Copies } from '../memory/copies.ts';
import type { Synchronizer } from '../memory/synchronizer.ts';
import { busWaitMaxMs, lastedMs, type Visit } from '../request.ts';
import type { Evidence } from './evidence.ts';
import { createOwners } from './owners.ts';

/** What came of asking the bus. */
export interface Loaded {
	/** The moment before the bus was asked: every change acknowledged by then is in the answer. */
	readonly begunAt: Instant;
	readonly answer: AnswerOf<'found' | 'revoked' | 'absent' | 'unavailable'>;
	/** Whether this instance has learnt since that the session may have changed: then the answer is not to be used. */
	isSpoiled(): boolean;
	evidence(session: Session): Omit<Evidence, 'staleMs' | 'remoteCalls'>;
}

export type LoadSession = (visit: Visit, token: Token, demand: Demand) => Promise<Loaded>;

/**
 * Step 4 of a request: looks at the owner's lease, and asks the bus to *read* the session while the owner lives, or to
 * *recover* it once the owner is sealed. Requests for one session share one call, unless a `strict` one came later than
 * the call began.
 */
export function createLoader(context: SessionServerContext, copies: Copies, synchronizer: Synchronizer): LoadSession {
	const owners = createOwners(context);
	const flights = new Map<string, { readonly sequence: number; readonly loaded: Promise<Loaded> }>();

	function holdsLease(): boolean {
		return synchronizer.holdsLease(context.clock.now());
	}

	/** An adopter must itself hold a lease, or the session would have no owner that lives. */
	async function ensureLease(visit: Visit): Promise<boolean> {
		await synchronizer.bringUpToDate(visit, 'bounded');
		return holdsLease();
	}

	/** Without a lease, nobody would wait for this instance to learn of a change before calling it known everywhere. */
	function mayJoinEarlier(demand: Demand): boolean {
		return demand !== 'strict' && holdsLease();
	}

	function share(visit: Visit, token: Token, demand: Demand, adopt: boolean): Promise<Loaded> {
		const key = `${adopt ? 'recover' : 'read'} ${demand} ${token.sessionId}`;
		const flight = flights.get(key);
		if (flight !== undefined && (flight.sequence > visit.sequence || mayJoinEarlier(demand))) return flight.loaded;
		const started = { sequence: synchronizer.nextSequence(), loaded: fetch(visit, token, demand, adopt) };
		flights.set(key, started);
		const land = () => {
			if (flights.get(key) === started) flights.delete(key);
		};
		void started.loaded.then(land, land);
		return started.loaded;
	}

	async function fetch(visit: Visit, token: Token, demand: Demand, adopt: boolean): Promise<Loaded> {
		const { sessionId } = token;
		const asker = synchronizer.instanceId();
		const load = copies.beginLoad(sessionId, context.clock.now());
		const answer = expected(
			await context.askBus(
				adopt ? { operation: 'recover', sessionId, demand, adopter: asker } : { operation: 'read', sessionId, demand },
				busWaitMaxMs - lastedMs(visit, load.begunAt),
			),
		);
		// Without a first sync there is no place in the feed from which to learn of changes. And what only a lenient service
		// makes do with is for no other one.
		if (
			answer.kind === 'found' &&
			!answer.receipt.doubtful &&
			Number.isFinite(synchronizer.sinceSyncMs(context.clock.now()))
		)
			copies.insert(load, answer.session);
		else copies.abandon(load);
		return {
			begunAt: load.begunAt,
			answer,
			isSpoiled: () => load.spoiled,
			evidence: (session) => ({
				session: session.id,
				instanceId: asker,
				source: sourceOf(session, asker, answer.receipt),
				owner: session.owner,
				receipt: answer.receipt,
			}),
		};
	}

	return async (visit, token, demand) => {
		const isOwn = token.ownerHint === synchronizer.instanceId() && holdsLease();
		const lease = isOwn ? undefined : await owners.look(visit, token.ownerHint);
		const adopt = lease?.standing === 'sealed' && (holdsLease() || (await ensureLease(visit)));
		visit.remoteCalls++;
		const loaded = await share(visit, token, demand, adopt);
		if (lease === undefined) return loaded;
		// The answer may have been asked for by an earlier request; the look at the lease is this one's own.
		return { ...loaded, evidence: (session) => ({ ...loaded.evidence(session), lease }) };
	};
}

/** A token names its first owner for good: who asks to recover may have done so long ago, and then the bus stores nothing. */
function sourceOf(session: Session, asker: InstanceId, { asked }: Receipt): Evidence['source'] {
	if (session.owner.instanceId !== asker) return 'borrowed';
	return asked.some(({ outcome }) => outcome === 'stored') ? 'failover' : 'reloaded';
}

/** An answer of another kind means that the bus is not the one this session server was built with. */
function expected(answer: Answer): Loaded['answer'] {
	switch (answer.kind) {
		case 'found':
		case 'revoked':
		case 'absent':
		case 'unavailable':
			return answer;
		default:
			return {
				kind: 'unavailable',
				reason: `the bus gave an unexpected answer: ${answer.kind}`,
				receipt: { asked: [], degraded: true },
			};
	}
}
