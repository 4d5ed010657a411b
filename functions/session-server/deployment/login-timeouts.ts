import type { IssuerTimeoutOptions, TimeOptions, TimeoutOptions } from './timeout-options.ts';
import type { Timeouts } from './timeouts.ts';

/** The timeouts of a deployment. */
export interface DeploymentTimeouts {
	/** The limits of its level. */
	readonly limits: Timeouts;
	/** Those that it sets for all logins. */
	readonly own: TimeoutOptions;
}

/** How long the sessions of one client last. */
export interface LoginTimeouts {
	/** After a login that asks for no persistent cookie. */
	readonly usual: Timeouts;
	readonly persistent: Timeouts;
}

/** How long the sessions of an issuer last. */
export interface IssuerTimeouts {
	readonly clients: ReadonlyMap<unknown, LoginTimeouts>;
	/** Those of all other clients. */
	readonly others: LoginTimeouts;
}

/**
 * The timeouts of an issuer's logins. The nearest place that has a value counts: the client, the
 * issuer, the deployment, and at last the level. A persistent login takes the value for such logins
 * in each place first. So a client that is held short is so for persistent logins also, whatever a
 * wider place gives these.
 *
 * @returns `undefined` if no place sets any, so that the limits of the level are all there is
 */
export function issuerTimeouts(
	options: IssuerTimeoutOptions | undefined,
	{ limits, own }: DeploymentTimeouts,
): IssuerTimeouts | undefined {
	if (options === undefined && Object.keys(own).length === 0) return undefined;
	const { clients = [], ...ofIssuer } = options ?? {};
	return {
		clients: new Map(clients.map(({ id, ...ofClient }) => [id, nearest([ofClient, ofIssuer, own], limits)])),
		others: nearest([ofIssuer, own], limits),
	};
}

/** @param places the nearest first */
function nearest(places: readonly TimeoutOptions[], limits: Timeouts): LoginTimeouts {
	return {
		usual: firstOf(places, limits),
		persistent: firstOf(
			places.flatMap((place) => [place.persistent ?? {}, place]),
			limits,
		),
	};
}

function firstOf(given: readonly TimeOptions[], limits: Timeouts): Timeouts {
	const seconds = (field: keyof TimeOptions) => given.find((times) => times[field] !== undefined)?.[field];
	const [absolute, idle] = [seconds('absoluteSeconds'), seconds('idleSeconds')];
	return {
		absoluteMs: absolute === undefined ? limits.absoluteMs : absolute * 1_000,
		idleMs: idle === undefined ? limits.idleMs : idle * 1_000,
	};
}
