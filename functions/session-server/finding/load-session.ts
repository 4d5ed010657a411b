import type { Demand } from '../../access/service-catalog.ts';
import type { Token } from '../../access/token.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import { withActivity } from '../../session/lifetime.ts';
import type { InstanceId, SessionId } from '../../session/session.ts';
import type { Instant } from '../../system/clock.ts';
import { describeError } from '../../system/log.ts';
import { busWaitMaxMs, departureMs } from '../../system/time-budget.ts';
import type { Instance } from '../instance.ts';
import type { Load } from '../memory/copies.ts';
import { lastedMs, nobody, type Request, type Waiting } from '../request.ts';
import type { SeenLease } from './evidence.ts';
import { createOwners } from './owners.ts';

/** The outcome of asking the bus for a session. */
export interface BusLoad {
	/** Just before the bus was asked. Every change acknowledged by then is in the answer. */
	readonly begunAt: Instant;
	readonly answer: AnswerTo<'read'>;
	/** The id that this instance had when it asked the bus. */
	readonly instanceId: InstanceId;
	/** The owner's lease. Undefined if this instance owns the session and holds its lease. */
	readonly lease: SeenLease | undefined;
	/**
	 * Whether the session may have changed since the call began. Then the answer must not be used.
	 */
	isSpoiled(): boolean;
}

export type LoadSession = (request: Request, token: Token, demand: Demand) => Promise<BusLoad>;

/** A call to the bus that is under way. Requests with the same token share it. */
interface Flight {
	readonly sequence: number;
	/** Whether the instance learns of changes since the call began. */
	readonly learnsOfChanges: boolean;
	readonly calls: Waiting;
	readonly loaded: Promise<Omit<BusLoad, 'lease'>>;
}

/** A message under way that makes this instance the owner of a session. */
interface Adoption {
	/**
	 * When the message has left, or after `departureMs`. Once it has left, it arrives even if the
	 * environment freezes with the client's answer.
	 */
	readonly departed: Promise<void>;
	/** Nothing if the message failed. */
	readonly answered: Promise<AnswerTo<'recover'> | undefined>;
}

/**
 * Looks at the owner's lease. If the owner is alive, the instance asks the bus to `read` the
 * session. If the lease is sealed, it asks the bus to `recover` the session, which lends it first:
 * no client waits until this instance is stored as the new owner. Requests with the same
 * token share one call. A `strict` request shares it only if the call began after the request
 * arrived.
 */
export function createLoader(instance: Instance): LoadSession {
	const { clock, copies, ends, log, synchronizer, uses } = instance;
	const owners = createOwners(instance);
	const flights = new Map<string, Flight>();
	const adoptions = new Map<string, Adoption>();

	function holdsLease(): boolean {
		return synchronizer.holdsLease(clock.now());
	}

	/** An adopter must hold a lease. Otherwise the session would again have no living owner. */
	async function ensureLease(request: Request): Promise<boolean> {
		await synchronizer.bringUpToDate(request, 'bounded');
		return holdsLease();
	}

	/**
	 * A logout that is confirmed everywhere does not wait for an instance without a lease. The answer
	 * to a call from that time could be older than the logout.
	 */
	function mayJoinEarlier(flight: Flight, demand: Demand): boolean {
		return demand !== 'strict' && flight.learnsOfChanges && holdsLease();
	}

	function loadShared(request: Request, token: Token, demand: Demand, adopt: boolean): Flight {
		// The bus answers for the secret. Another token's answer is not that of this one.
		const key = `${adopt ? 'recover' : 'read'} ${demand} ${token.sessionId} ${token.secretHash}`;
		const flight = flights.get(key);
		if (flight !== undefined && (flight.sequence > request.sequence || mayJoinEarlier(flight, demand))) return flight;
		const calls = nobody();
		const sequence = synchronizer.nextSequence();
		const learnsOfChanges = synchronizer.learnsOfChanges();
		const loaded = loadFromBus(request, calls, token, demand, adopt);
		const started = { sequence, learnsOfChanges, calls, loaded };
		flights.set(key, started);
		const land = () => {
			if (flights.get(key) === started) flights.delete(key);
		};
		void started.loaded.then(land, land);
		return started;
	}

	/**
	 * Adds the use that this instance knows of. The repositories know of use that it did not carry,
	 * and of the use that was stored with a new owner.
	 *
	 * The answer may not be kept as the copy. So what it shows is noted in the copy that there is.
	 */
	function withUses(answer: AnswerTo<'recover'>, load: Load, carriedMs: number | undefined): AnswerTo<'recover'> {
		if (answer.kind !== 'found') return answer;
		const { session, adopted } = answer;
		if (adopted || session.lastSeenAtMs !== carriedMs) uses.reported(session.id, session.lastSeenAtMs);
		// A load that began later may have been answered first.
		const keptMs = copies.find(session.id)?.session.lastSeenAtMs ?? session.lastSeenAtMs;
		const known = withActivity(uses.join(session), Math.max(keptMs, load.seenAtMs));
		copies.seen(known.id, known.lastSeenAtMs);
		return { ...answer, session: known };
	}

	/**
	 * Has the bus store this instance as the owner. If the message is lost, the next instance that
	 * asks for the session adopts it. Loads of the same session share one message.
	 */
	function becomeOwner(fields: Omit<MessageOf<'recover'>, 'operation'>): Adoption {
		const key = `${fields.adopter} ${fields.sessionId}`;
		const underWay = adoptions.get(key);
		if (underWay !== undefined) return underWay;
		const { promise: departed, resolve: depart } = Promise.withResolvers<void>();
		const answered = instance
			.askBus(nobody(), 'recover', fields, undefined, depart)
			.catch((error) => void log('error', 'a session could not be adopted', describeError(error)))
			.finally(() => {
				adoptions.delete(key);
				depart();
			});
		void clock.delay(departureMs).then(depart);
		const adoption = { departed, answered };
		adoptions.set(key, adoption);
		return adoption;
	}

	/** Notes in the copy what the bus has answered to an adoption. */
	function note(sessionId: SessionId, answer: AnswerTo<'recover'> | undefined): void {
		if (answer?.kind === 'found') {
			const { owner, lastSeenAtMs } = answer.session;
			if (answer.adopted) uses.reported(sessionId, lastSeenAtMs);
			copies.seen(sessionId, lastSeenAtMs);
			copies.owned(sessionId, owner);
		} else if (answer?.kind === 'revoked' || answer?.kind === 'absent') {
			copies.drop(sessionId);
			uses.ended(sessionId);
			if (answer.kind === 'revoked') ends.add(sessionId, clock.now().wallMs);
		}
	}

	async function loadFromBus(
		request: Request,
		calls: Waiting,
		token: Token,
		demand: Demand,
		adopt: boolean,
	): Promise<Omit<BusLoad, 'lease'>> {
		const { sessionId, secretHash } = token;
		const instanceId = synchronizer.instanceId();
		const mayKeep = synchronizer.learnsOfChanges();
		const load = copies.beginLoad(sessionId, clock.now());
		const withinMs = busWaitMaxMs - lastedMs(request, load.begunAt);
		const carried = uses.carried(sessionId);
		const sync = () => synchronizer.startIfDue(clock.now());
		const fields = { sessionId, secretHash, demand, ...carried };
		const answered = await (adopt
			? instance.askBus(
					calls,
					'recover',
					{ ...fields, adopter: instanceId, sealedOwner: token.ownerHint },
					withinMs,
					sync,
				)
			: instance.askBus(calls, 'read', fields, withinMs, sync));
		// The message may never have left.
		sync();
		const isAdoptable = answered.kind === 'found' && answered.adoptable === true;
		// A change or a new life has spoiled the load, or the lease has expired meanwhile.
		const adopts = isAdoptable && !load.spoiled && holdsLease();
		const adoption = adopts ? becomeOwner({ ...fields, adopter: instanceId }) : undefined;
		// The load is still under way, so a change that becomes known meanwhile spoils it.
		await adoption?.departed;
		const answer = withUses(answered, load, carried.seenAtMs);
		// A doubtful record is only good enough for a lenient service. All services share the memory.
		if (answer.kind === 'found' && mayKeep && !answer.receipt.doubtful) copies.insert(load, answer.session);
		else copies.abandon(load);
		void adoption?.answered.then((stored) => note(sessionId, stored));
		return { begunAt: load.begunAt, answer, instanceId, isSpoiled: () => load.spoiled };
	}

	return async (request, token, demand) => {
		const isOwn = token.ownerHint === synchronizer.instanceId() && holdsLease();
		const lease = isOwn ? undefined : await owners.look(request, token.ownerHint);
		const adopt = lease?.standing === 'sealed' && (holdsLease() || (await ensureLease(request)));
		const { calls, loaded } = loadShared(request, token, demand, adopt);
		const load = await loaded;
		request.remoteCalls += calls.remoteCalls;
		return { ...load, lease };
	};
}
