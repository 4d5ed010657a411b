import { type Environment, wholeNumber } from '../../system/environment.ts';

/** How long sessions live. */
export interface Timeouts {
	readonly absoluteMs: number;
	readonly idleMs: number;
}

/** NIST SP 800-63B-4 section 5, reauthentication by assurance level. Level 1 has no idle limit of its own. */
export const timeoutPresets = {
	aal1: { absoluteMs: 30 * 24 * 3_600_000, idleMs: 30 * 24 * 3_600_000 },
	aal2: { absoluteMs: 24 * 3_600_000, idleMs: 3_600_000 },
	aal3: { absoluteMs: 12 * 3_600_000, idleMs: 15 * 60_000 },
} as const satisfies Record<string, Timeouts>;

export interface TimeoutVariables {
	LEASEHOLD_ABSOLUTE_TIMEOUT_MS?: string;
	LEASEHOLD_IDLE_TIMEOUT_MS?: string;
}

/** @throws naming the variable that is wrong. */
export function parseTimeouts(environment: Environment): Timeouts {
	const timeouts = {
		absoluteMs: wholeNumber(environment, 'LEASEHOLD_ABSOLUTE_TIMEOUT_MS', timeoutPresets.aal2.absoluteMs),
		idleMs: wholeNumber(environment, 'LEASEHOLD_IDLE_TIMEOUT_MS', timeoutPresets.aal2.idleMs),
	};
	if (timeouts.idleMs > timeouts.absoluteMs)
		throw new Error('LEASEHOLD_IDLE_TIMEOUT_MS must not be longer than LEASEHOLD_ABSOLUTE_TIMEOUT_MS');
	return timeouts;
}
