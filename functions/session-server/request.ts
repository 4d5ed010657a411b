import { type Instant, ranMs } from '../system/clock.ts';

/** One request's way through the session server. */
export interface Visit {
	readonly arrivedAt: Instant;
	/** The place of its arrival among all that happened on this instance, syncs and loads included. */
	readonly sequence: number;
	/** Calls over the network that the request waited for. */
	remoteCalls: number;
}

/**
 * The longest that a visit may last and still wait for the bus to find its session, and the longest for any one call of the
 * bus: two tries of 3.5 seconds, and what is between them. An authorizer ends after ten seconds, a session server after seventeen or more,
 * in which there is time for one more call, or for a service. A function that runs out of time loses every copy.
 */
export const busWaitMaxMs = 7_200;

/** How long a visit has lasted so far, in running time: that is what a function has a limit of. Whole milliseconds. */
export function lastedMs({ arrivedAt }: Visit, now: Instant): number {
	return Math.ceil(ranMs(arrivedAt, now));
}
