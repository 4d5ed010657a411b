import { type Instant, ranMs } from '../system/clock.ts';

/** Counts the calls over the network that somebody waits for. The clients that make them count. */
export interface Waiting {
	remoteCalls: number;
}

/** For calls that no request waits for. */
export function nobody(): Waiting {
	return { remoteCalls: 0 };
}

/** One request's way through the session server. */
export interface Request extends Waiting {
	readonly arrivedAt: Instant;
	/** The place of its arrival in the order of all that happens on this instance, syncs and loads included. */
	readonly sequence: number;
}

/** `port`, with its calls counted for whatever waits for them. */
export function countedFor<Port extends object>(waiting: Waiting, port: Port): Port {
	return new Proxy(port, {
		get: (target, name) => {
			const method: unknown = Reflect.get(target, name);
			if (typeof method !== 'function') return method;
			return (...parameters: unknown[]) => {
				waiting.remoteCalls++;
				return Reflect.apply(method, target, parameters);
			};
		},
	});
}

/**
 * How long a request may have lasted and still wait for the bus to find its session. It is also the
 * longest for any one call of the bus: two tries of 3.5 s, and what is between them. An authorizer
 * ends after 10 s and a session server after 17 s or more, which leaves time for one more call, or
 * for a service. A function that runs out of time loses every copy in its memory.
 */
export const busWaitMaxMs = 7_200;

/** How long a request has lasted so far, in running time: a function's limit counts that. Whole milliseconds. */
export function lastedMs({ arrivedAt }: Request, now: Instant): number {
	return Math.ceil(ranMs(arrivedAt, now));
}
