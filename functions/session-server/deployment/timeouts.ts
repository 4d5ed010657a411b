import { assuranceTimes } from '../../access/decision.ts';
import { type Environment, wholeNumber } from '../../system/environment.ts';

/** How long sessions last. A session of level 3 may last shorter (`limitsOf`). */
export interface Timeouts {
	/** From the authentication, however often the session is used. */
	readonly absoluteMs: number;
	/** From the last activity. */
	readonly idleMs: number;
}

/** The timeouts for each assurance level (NIST SP 800-63B-4 section 5). */
export const timeoutPresets = {
	aal1: assuranceTimes[1],
	aal2: assuranceTimes[2],
	aal3: assuranceTimes[3],
} as const satisfies Record<string, Timeouts>;

/** The limits of the deployment's level. No session lasts longer. */
export interface TimeoutVariables {
	/** @default 86400000, a day */
	LEASEHOLD_ABSOLUTE_TIMEOUT_MS?: string;
	/** @default 3600000, an hour */
	LEASEHOLD_IDLE_TIMEOUT_MS?: string;
}

/** @throws an error that names the wrong variable. */
export function parseTimeouts(environment: Environment): Timeouts {
	const timeouts = {
		absoluteMs: wholeNumber(environment, 'LEASEHOLD_ABSOLUTE_TIMEOUT_MS', timeoutPresets.aal2.absoluteMs),
		idleMs: wholeNumber(environment, 'LEASEHOLD_IDLE_TIMEOUT_MS', timeoutPresets.aal2.idleMs),
	};
	if (timeouts.idleMs > timeouts.absoluteMs)
		throw new Error('LEASEHOLD_IDLE_TIMEOUT_MS must not be longer than LEASEHOLD_ABSOLUTE_TIMEOUT_MS');
	return timeouts;
}
