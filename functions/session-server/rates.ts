import type { Rate } from '../system/token-bucket.ts';

/*
 * The rates at which one client may use one instance. An instance that takes one request at a time
 * seldom has more than these for all of its clients, so only a flood meets them.
 */

/**
 * The requests of the cheapest kind that one token, live or dead, may send each second.
 * A program that sends a hundred requests a second to each instance is let through, and a page that
 * loads a thousand resources at once.
 */
export const requestsPerSecondDefault = 100;

/** A request that needs the bus costs as much as five that do not: twenty a second, 200 at once. */
export const loadCost = 5;

/**
 * A request that writes: five a second, fifty at once. People and programs that save as they type
 * send fewer.
 */
export const changeCost = 20;

/**
 * A request that reads or ends all sessions of a subject: once a second, nine times at once.
 * Each may make the bus read a hundred records, and a person opens the list of their devices now
 * and then.
 */
export const subjectCost = 100;

/**
 * Failed logins from one source address: ten a second, a hundred at once. An office behind one
 * address has fewer, even when an issuer has replaced its keys and everyone tries again.
 */
export const failedLoginsPerSecondDefault = 10;

/** Clients come in bursts, such as all requests of a page. */
const burstSeconds = 10;

/** With fewer, a bucket could never hold what one list costs with its load. */
export const requestsPerSecondMin = Math.ceil((subjectCost + loadCost) / burstSeconds);

export function rateOf(perSecond: number): Rate {
	return { burst: burstSeconds * perSecond, perSecond };
}
