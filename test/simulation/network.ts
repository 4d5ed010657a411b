import type { Node } from './node.ts';
import type { Random } from './random.ts';
import { idle, type Schedule } from './schedule.ts';

/** What calls go to. */
export type ServiceName = 'control' | 'dynamodb' | 's3' | 'queue' | 'bus';

/** How calls fare at the moment. Probabilities are per message. */
export interface Conditions {
	loss: number;
	duplication: number;
	/** Probability that a message takes `delayMs` on average rather than its usual time. */
	slowness: number;
	delayMs: number;
}

export interface Network {
	readonly conditions: Conditions;
	/** Services that answer no one, and how: with an error, or not at all. */
	readonly outages: Map<ServiceName, 'refuses' | 'is silent'>;
	/** Places from which a service cannot be reached: `place service`. */
	readonly partitions: Set<string>;
	/** Places where the feed cannot be read, though leases can be renewed. */
	readonly deaf: Set<string>;
	/** Services whose calls are not lost, nor slow beyond their time limits: see assumption A3. */
	readonly spared: Set<ServiceName>;
	/** Runs `strike` once, right after a node has sent a call whose description has `what` in it. */
	afterSending(what: string, strike: (from: Node, what: string) => void): void;
	call<Result>(from: Node, call: Call<Result>): Promise<Result>;
}

export interface Call<Result> {
	readonly service: ServiceName;
	readonly what: string;
	/** Runs where the call arrives, once for each copy of it that does. */
	readonly effect: () => Promise<Result>;
	/** Time for each try. */
	readonly timeoutMs: number;
	readonly tries: number;
	/** Usual time of one message. */
	readonly latencyMs: number;
	/** The node that the effect runs on, if it is not a service of AWS. */
	readonly at?: () => Node | undefined;
	/** What a caller without an answer gets. */
	failed(why: string): Result | Promise<never>;
}

/** Twice as much, and the usual time, are within every time limit. */
const sparedDelayMsMax = 200;

export function createNetwork(schedule: Schedule, random: Random, trace: (line: () => string) => void): Network {
	const conditions: Conditions = { loss: 0.003, duplication: 0.01, slowness: 0.02, delayMs: 400 };
	const outages: Network['outages'] = new Map();
	const partitions = new Set<string>();
	const spared = new Set<ServiceName>();
	const deaf = new Set<string>();

	function travelMs(call: Call<unknown>): number {
		const usual = call.latencyMs * (0.5 + random.unit());
		if (!random.chance(conditions.slowness)) return usual;
		const moreMs = random.exponential(conditions.delayMs);
		return usual + (spared.has(call.service) ? Math.min(moreMs, sparedDelayMsMax) : moreMs);
	}

	function getsLost(from: Node, call: Call<unknown>): boolean {
		if (spared.has(call.service)) return false;
		if (deaf.size > 0 && call.what === 'read feed' && deaf.has(from.place)) return true;
		return partitions.has(`${from.place} ${call.service}`) || random.chance(conditions.loss);
	}

	function tryOnce<Result>(from: Node, call: Call<Result>, attempt: number): Promise<Result> {
		return new Promise((resolve, reject) => {
			let settled = false;
			const end = (step: () => void) => {
				if (settled) return;
				settled = true;
				step();
			};
			const giveUp = (why: string) =>
				from.deliver(() =>
					end(() => {
						trace(() => `${from.name}: ${call.what} failed: ${why}`);
						if (attempt < call.tries) tryOnce(from, call, attempt + 1).then(resolve, reject);
						else resolve(call.failed(why));
					}),
				);

			const deadline = schedule.now() + call.timeoutMs;
			let armed = false;
			/** Where an answer in time is certain, there is no need for a clock to run out. */
			function armTimeout(): void {
				if (armed) return;
				armed = true;
				schedule.at(deadline - schedule.now(), () => (settled ? idle : giveUp('timed out')));
			}

			function arrive(): void {
				// What a node sent just before it froze may not have left it.
				if (from.frozen && random.chance(0.5)) {
					armTimeout();
					from.deliver(arrive);
					return;
				}
				const outage = spared.has(call.service) ? undefined : outages.get(call.service);
				if (outage === 'refuses') schedule.at(travelMs(call), () => giveUp('refused'));
				else if (outage === 'is silent') armTimeout();
				else if (call.at === undefined) run();
				else call.at()?.deliver(run);
			}

			function run(): void {
				trace(() => `${call.service}: ${call.what} for ${from.name}`);
				const result = call.effect();
				if (call.at === undefined) respond(result);
				// The answer leaves when there is one.
				else void result.then(() => respond(result));
			}

			function respond(result: Promise<Result>): void {
				const backMs = travelMs(call);
				if (schedule.now() + backMs >= deadline || from.frozen) armTimeout();
				if (getsLost(from, call)) armTimeout();
				else
					schedule.at(backMs, () =>
						from.deliver(() => end(() => result.then(resolve, () => resolve(call.failed('failed'))))),
					);
			}

			const lost = getsLost(from, call);
			if (lost || call.at !== undefined) armTimeout();
			if (!lost) schedule.at(travelMs(call), arrive);
			if (random.chance(conditions.duplication)) schedule.at(travelMs(call) + random.exponential(1_000), arrive);
		});
	}

	const ambushes: { what: string; strike: (from: Node, what: string) => void }[] = [];

	return {
		conditions,
		outages,
		partitions,
		spared,
		deaf,
		afterSending: (what, strike) => void ambushes.push({ what, strike }),
		call: (from, call) => {
			const result = tryOnce(from, call, 1);
			const index = ambushes.findIndex(({ what }) => call.what.includes(what));
			for (const { strike } of index < 0 ? [] : ambushes.splice(index, 1)) strike(from, call.what);
			return result;
		},
	};
}
