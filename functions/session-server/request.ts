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

/** How long a request has lasted so far, in running time: a function's limit counts that. Whole milliseconds. */
export function lastedMs({ arrivedAt }: Request, now: Instant): number {
	return Math.ceil(ranMs(arrivedAt, now));
}
