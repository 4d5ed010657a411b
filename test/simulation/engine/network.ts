import type { Observer } from '../checks/observer.ts';
import type { Node } from './node.ts';
import { createOutcomes, type Outcomes } from './outcomes.ts';
import type { Random } from './random.ts';
import { idle, type Schedule } from './schedule.ts';

/** The services that calls go to. */
export type ServiceName = 'control' | 'dynamodb' | 's3' | 'queue' | 'bus';

/** How calls fare at the moment. Probabilities are per message. */
export interface Conditions {
	loss: number;
	duplication: number;
	/** Probability that a message takes `delayMs` more on average than its usual time. */
	slowness: number;
	delayMs: number;
}

export interface Network extends Pick<Outcomes, 'hasJustFailed' | 'isUnanswered'> {
	readonly conditions: Conditions;
	/** Services that are down. They answer with an error or are silent. */
	readonly outages: Map<ServiceName, 'refuses' | 'is silent'>;
	/** Services that are deleted, and will be restored. They refuse every call. */
	readonly deleted: Set<ServiceName>;
	/** The service is restored. Messages that were sent before do not reach it. */
	restored(service: ServiceName): void;
	/** Places from which a service cannot be reached: `place service`. */
	readonly partitions: Set<string>;
	/** Places where the feed cannot be read, though leases can be renewed. */
	readonly withoutFeed: Set<string>;
	/** Calls that take longer than others. */
	readonly delays: Set<Delay>;
	/** Services whose calls are neither lost nor too slow for their time limits (assumption A3). */
	readonly spared: Set<ServiceName>;
	/** Services that are not spared all the same. */
	readonly neverSpared: Set<ServiceName>;
	/** Something is at fault until `untilMs`: nobody has to answer. */
	trouble(untilMs: number): void;
	/** Whether nothing has been at fault since `sinceMs`: no message was lost or very late. */
	isCalmSince(sinceMs: number): boolean;
	/** Runs `strike` once, right after a node has sent a call whose description contains `what`. */
	afterSending(what: string, strike: (from: Node, what: string) => void): void;
	/** From now on, none of these is run any more. */
	standDown(): void;
	call<Result, Failure>(from: Node, link: Link<Failure>, call: Call<Result>): Promise<Result | Failure>;
}

/** Calls from a place, with descriptions that start with `what`, take this much longer. */
export interface Delay {
	readonly place: string;
	readonly what: string;
	/** On the way to the service. `Infinity`: the call is lost. */
	readonly thereMs: number;
	/** On the way back. The call has its effect before. */
	readonly backMs: number;
	/** Before it leaves the node, if its caller waits for that. If the node dies, it never leaves. */
	readonly leavingMs?: number;
}

/** How one kind of call travels, and the result that its callers get if there is no answer. */
export interface Link<Failure> {
	readonly service: ServiceName;
	/** Time for each try. */
	readonly timeoutMs: number;
	readonly tries: number;
	/** Usual time of one message. */
	readonly latencyMs: number;
	failed(why: string): Failure | Promise<never>;
}

export interface Call<Result> {
	/** Describes the call for transcripts, and for faults that wait for such a call. */
	readonly what: () => string;
	/**
	 * Runs where the call arrives, once for each copy that arrives. At a service of AWS the effect
	 * has taken place when this returns.
	 */
	readonly effect: () => Promise<Result>;
	/** A witness looks at the outcome of the effect before anything else may happen. */
	readonly witnessed?: boolean;
	/** The node on which the effect runs. Absent for a service of AWS. */
	readonly at?: () => Node | undefined;
	/** Called when the message has left, once for each try. */
	readonly departed?: () => void;
}

/** One try of a call. */
interface Trip<Result, Failure> {
	readonly from: Node;
	readonly link: Link<Failure>;
	readonly call: Call<Result>;
	readonly attempt: number;
	/** When it left the node. */
	sentAt: number;
	readonly deadline: number;
	/** Settles the call. */
	readonly resolve: (result: Result | Failure | Promise<Result | Failure>) => void;
	settled: boolean;
	armed: boolean;
}

/** Two such delays and the usual times are within every time limit. */
const sparedDelayMsMax = 200;

export function createNetwork(schedule: Schedule, random: Random, trace: Observer['trace']): Network {
	const conditions: Conditions = { loss: 0.003, duplication: 0.01, slowness: 0.02, delayMs: 400 };
	const outages: Network['outages'] = new Map();
	const deleted = new Set<ServiceName>();
	const restoredAt = new Map<ServiceName, number>();
	const partitions = new Set<string>();
	const spared = new Set<ServiceName>();
	const neverSpared = new Set<ServiceName>();
	const withoutFeed = new Set<string>();
	let troubledUntil = 0;

	function trouble(untilMs: number): void {
		if (untilMs > troubledUntil) troubledUntil = untilMs;
	}

	function isSpared(service: ServiceName): boolean {
		return spared.has(service) && !neverSpared.has(service);
	}

	const delays: Network['delays'] = new Set();

	function delayOf({ place }: Node, { what }: Call<unknown>): Delay | undefined {
		if (delays.size === 0) return undefined;
		return [...delays].find((delay) => delay.place === place && what().startsWith(delay.what));
	}

	function delayMs(from: Node, call: Call<unknown>, way: 'thereMs' | 'backMs'): number {
		return delayOf(from, call)?.[way] ?? 0;
	}

	function travelMs({ service, latencyMs }: Link<unknown>): number {
		const usual = latencyMs * (0.5 + random.unit());
		if (!random.chance(conditions.slowness)) return usual;
		const moreMs = random.exponential(conditions.delayMs);
		const laterMs = isSpared(service) ? Math.min(moreMs, sparedDelayMsMax) : moreMs;
		if (laterMs > sparedDelayMsMax) trouble(schedule.now() + laterMs);
		return usual + laterMs;
	}

	function getsLost(from: Node, link: Link<unknown>, call: Call<unknown>): boolean {
		const lost = isLost(from, link, call);
		if (lost) trouble(schedule.now());
		return lost;
	}

	function isLost(from: Node, { service }: Link<unknown>, call: Call<unknown>): boolean {
		const { place } = from;
		const { what } = call;
		if (delays.size > 0 && delayMs(from, call, 'thereMs') === Number.POSITIVE_INFINITY) return true;
		if (isSpared(service)) return false;
		if (withoutFeed.size > 0 && withoutFeed.has(place) && what() === 'read feed') return true;
		if (partitions.size > 0 && partitions.has(`${place} ${service}`)) return true;
		return random.chance(conditions.loss);
	}

	/** The message leaves the node. Until then, a freeze keeps it there. */
	function depart<Result, Failure>(trip: Trip<Result, Failure>): void {
		const leavingMs = trip.call.departed === undefined ? 0 : delayOf(trip.from, trip.call)?.leavingMs;
		if (!leavingMs) leave(trip);
		else {
			armTimeout(trip);
			schedule.at(leavingMs, () => trip.from.deliver(() => (trip.settled ? idle : leave(trip))));
		}
	}

	function leave<Result, Failure>(trip: Trip<Result, Failure>): void {
		const { from, link, call } = trip;
		call.departed?.();
		const lost = getsLost(from, link, call);
		if (lost || call.at !== undefined) armTimeout(trip);
		if (!lost) schedule.at(travelMs(link) + delayMs(from, call, 'thereMs'), () => arrive(trip));
		if (random.chance(conditions.duplication))
			schedule.at(travelMs(link) + random.exponential(random.chance(0.1) ? 8_000 : 1_000), () => arrive(trip));
	}

	/** Called only if an answer in time is not certain, which saves most events. */
	function armTimeout<Result, Failure>(trip: Trip<Result, Failure>): void {
		if (trip.armed) return;
		trip.armed = true;
		schedule.at(trip.deadline - schedule.now(), () => giveUp(trip, 'timed out'));
	}

	const outcomes = createOutcomes(schedule.now);

	function giveUp<Result, Failure>(trip: Trip<Result, Failure>, why: string): unknown {
		return trip.settled ? idle : trip.from.deliver(() => fail(trip, why));
	}

	function fail<Result, Failure>(trip: Trip<Result, Failure>, why: string): unknown {
		if (trip.settled) return idle;
		trip.settled = true;
		// A caller that was frozen may learn it long after the fault, and opens markers only then.
		trouble(schedule.now());
		const { from, link, call, attempt, resolve } = trip;
		outcomes.ended(from.name, link.service, call.what, true);
		trace?.(() => `${from.name}: ${call.what()} failed: ${why}`);
		if (attempt < link.tries) setOut(from, link, call, attempt + 1, resolve);
		else resolve(link.failed(why));
		return undefined;
	}

	function arrive<Result, Failure>(trip: Trip<Result, Failure>): unknown {
		const { from, link, call } = trip;
		// A message that a node sent just before it froze may not have left the node.
		if (from.frozen && random.chance(0.5)) {
			armTimeout(trip);
			return from.deliver(() => {
				trip.sentAt = schedule.now();
				return arrive(trip);
			});
		}
		if (deleted.has(link.service)) {
			schedule.at(travelMs(link), () => giveUp(trip, 'refused'));
			return idle;
		}
		if (restoredAt.size > 0 && trip.sentAt < (restoredAt.get(link.service) ?? 0)) {
			armTimeout(trip);
			return idle;
		}
		const outage = outages.size === 0 || isSpared(link.service) ? undefined : outages.get(link.service);
		if (outage === undefined) return call.at === undefined ? serve(trip) : call.at()?.deliver(() => work(trip));
		if (outage === 'refuses') schedule.at(travelMs(link), () => giveUp(trip, 'refused'));
		else armTimeout(trip);
		return idle;
	}

	/** At a service of AWS. */
	function serve<Result, Failure>(trip: Trip<Result, Failure>): unknown {
		respond(trip, effectOf(trip));
		return trip.call.witnessed ? undefined : idle;
	}

	/** On a node. The answer leaves when the effect has settled. */
	function work<Result, Failure>(trip: Trip<Result, Failure>): void {
		const result = effectOf(trip);
		void result.then(() => respond(trip, result));
	}

	function effectOf<Result, Failure>({ from, link, call }: Trip<Result, Failure>): Promise<Result> {
		trace?.(() => `${link.service}: ${call.what()} for ${from.name}`);
		return call.effect();
	}

	function respond<Result, Failure>(trip: Trip<Result, Failure>, result: Promise<Result>): void {
		const { from, link, call } = trip;
		const backMs = travelMs(link) + delayMs(from, call, 'backMs');
		if (schedule.now() + backMs >= trip.deadline || from.frozen) armTimeout(trip);
		if (getsLost(from, link, call)) armTimeout(trip);
		else schedule.at(backMs, () => (trip.settled ? idle : from.deliver(() => learn(trip, result))));
	}

	function learn<Result, Failure>(trip: Trip<Result, Failure>, result: Promise<Result>): unknown {
		if (trip.settled) return idle;
		trip.settled = true;
		const { from, resolve, link, call } = trip;
		outcomes.ended(from.name, link.service, call.what, false);
		// A service of AWS calls the caller's own code, as a merge does with its proposal. An error
		// there reaches the caller. Another node has failed.
		result.then(resolve, () => resolve(call.at === undefined ? result : link.failed('failed')));
		return undefined;
	}

	function setOut<Result, Failure>(
		from: Node,
		link: Link<Failure>,
		call: Call<Result>,
		attempt: number,
		resolve: Trip<Result, Failure>['resolve'],
	): void {
		const sentAt = schedule.now();
		const deadline = sentAt + link.timeoutMs;
		outcomes.begun(from.name, link.service, call.what);
		depart({ from, link, call, attempt, sentAt, deadline, resolve, settled: false, armed: false });
	}

	const ambushes: { what: string; strike: (from: Node, what: string) => void }[] = [];

	function spring(from: Node, sent: string): void {
		const index = ambushes.findIndex(({ what }) => sent.includes(what));
		for (const { strike } of index < 0 ? [] : ambushes.splice(index, 1)) strike(from, sent);
	}

	return {
		conditions,
		outages,
		deleted,
		restored: (service) => {
			deleted.delete(service);
			restoredAt.set(service, schedule.now());
		},
		partitions,
		spared,
		neverSpared,
		withoutFeed,
		delays,
		trouble,
		isUnanswered: outcomes.isUnanswered,
		hasJustFailed: outcomes.hasJustFailed,
		isCalmSince: (sinceMs) => sinceMs > troubledUntil,
		afterSending: (what, strike) => void ambushes.push({ what, strike }),
		standDown: () => void ambushes.splice(0),
		call: (from, link, call) =>
			new Promise((resolve) => {
				setOut(from, link, call, 1, resolve);
				if (ambushes.length > 0) spring(from, call.what());
			}),
	};
}
