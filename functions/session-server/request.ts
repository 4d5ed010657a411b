import { type Instant, ranMs } from '../system/clock.ts';

/**
 * A request, or something else that waits for network calls. The clients that make the calls count
 * them here.
 */
export interface Waiting {
	remoteCalls: number;
}

/** Counts calls that no request waits for. */
export function nobody(): Waiting {
	return { remoteCalls: 0 };
}

/** A request to the session server. */
export interface Request extends Waiting {
	readonly arrivedAt: Instant;
	/** The place of its arrival in the order of events on this instance, such as syncs and loads. */
	readonly sequence: number;
}

/** Wraps a port so that each call is counted in `waiting`. */
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
 * How long a request has lasted so far, in whole milliseconds of running time, which the function's
 * timeout counts.
 */
export function lastedMs({ arrivedAt }: Request, now: Instant): number {
	return Math.ceil(ranMs(arrivedAt, now));
}
