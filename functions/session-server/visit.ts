import type { Instant } from '../system/clock.ts';

/** One request's way through the session server. */
export interface Visit {
	readonly arrivedAt: Instant;
	/** The place of its arrival among all that happened on this instance, syncs and loads included. */
	readonly sequence: number;
	/** Calls over the network that the request waited for. */
	remoteCalls: number;
}
