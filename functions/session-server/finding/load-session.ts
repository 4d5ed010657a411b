import type { Demand } from '../../access/service-catalog.ts';
import type { Token } from '../../access/token.ts';
import type { AnswerTo } from '../../protocol/operations.ts';
import type { InstanceId } from '../../session/session.ts';
import type { Instant } from '../../system/clock.ts';
import { busWaitMaxMs } from '../../system/time-budget.ts';
import type { Instance } from '../instance.ts';
import { lastedMs, nobody, type Request, type Waiting } from '../request.ts';
import type { SeenLease } from './evidence.ts';
import { createOwners } from './owners.ts';

/** What came of asking the bus for a session. */
export interface BusLoad {
	/** The moment before the bus was asked: every change acknowledged by then is in the answer. */
	readonly begunAt: Instant;
	readonly answer: AnswerTo<'read'>;
	/** The instance id under which the bus was asked. */
	readonly instanceId: InstanceId;
	/** The look at the owner's lease that this request itself made. */
	readonly lease: SeenLease | undefined;
	/** Whether this instance has learnt since that the session may have changed. Then the answer must not be used. */
	isSpoiled(): boolean;
}

export type LoadSession = (request: Request, token: Token, demand: Demand) => Promise<BusLoad>;

/** A call to the bus under way, which requests for the same session share. */
interface Flight {
	readonly sequence: number;
	readonly calls: Waiting;
	readonly loaded: Promise<Omit<BusLoad, 'lease'>>;
}

/**
 * Looks at the owner's lease, then asks the bus to `read` the session while the owner is alive, or to
 * `recover` it when the owner is sealed. Requests for one session share one call. A `strict` request
 * shares it only if the call began after the request arrived.
 */
export function createLoader(instance: Instance): LoadSession {
	const { clock, copies, synchronizer } = instance;
	const owners = createOwners(instance);
	const flights = new Map<string, Flight>();

	function holdsLease(): boolean {
		return synchronizer.holdsLease(clock.now());
	}

	/** An adopter must hold a lease itself. Otherwise the session would again have no living owner. */
	async function ensureLease(request: Request): Promise<boolean> {
		await synchronizer.bringUpToDate(request, 'bounded');
		return holdsLease();
	}

	/** Without a lease, a logout confirmed everywhere would not wait for this instance to learn of it. */
	function mayJoinEarlier(demand: Demand): boolean {
		return demand !== 'strict' && holdsLease();
	}

	function share(request: Request, token: Token, demand: Demand, adopt: boolean): Flight {
		const key = `${adopt ? 'recover' : 'read'} ${demand} ${token.sessionId}`;
		const flight = flights.get(key);
		if (flight !== undefined && (flight.sequence > request.sequence || mayJoinEarlier(demand))) return flight;
		const calls = nobody();
		const sequence = synchronizer.nextSequence();
		const started = { sequence, calls, loaded: fetch(request, calls, token, demand, adopt) };
		flights.set(key, started);
		const land = () => {
			if (flights.get(key) === started) flights.delete(key);
		};
		void started.loaded.then(land, land);
		return started;
	}

	async function fetch(
		request: Request,
		calls: Waiting,
		{ sessionId }: Token,
		demand: Demand,
		adopt: boolean,
	): Promise<Omit<BusLoad, 'lease'>> {
		const instanceId = synchronizer.instanceId();
		const load = copies.beginLoad(sessionId, clock.now());
		const withinMs = busWaitMaxMs - lastedMs(request, load.begunAt);
		const answer = await (adopt
			? instance.askBus(calls, 'recover', { sessionId, demand, adopter: instanceId }, withinMs)
			: instance.askBus(calls, 'read', { sessionId, demand }, withinMs));
		if (answer.kind === 'found' && synchronizer.mayKeep(answer.receipt, clock.now()))
			copies.insert(load, answer.session);
		else copies.abandon(load);
		return { begunAt: load.begunAt, answer, instanceId, isSpoiled: () => load.spoiled };
	}

	return async (request, token, demand) => {
		const isOwn = token.ownerHint === synchronizer.instanceId() && holdsLease();
		const lease = isOwn ? undefined : await owners.look(request, token.ownerHint);
		const adopt = lease?.standing === 'sealed' && (holdsLease() || (await ensureLease(request)));
		const { calls, loaded } = share(request, token, demand, adopt);
		const load = await loaded;
		request.remoteCalls += calls.remoteCalls;
		return { ...load, lease };
	};
}
