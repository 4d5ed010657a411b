import { parseTimeouts, type TimeoutVariables } from '../../session-server/deployment/timeouts.ts';
import type { Environment } from '../../system/environment.ts';

/**
 * The environment variables of the rotation function: the session servers' timeouts, with the same
 * values. The compiler holds the stack to this type.
 */
export type RotateKeysVariables = TimeoutVariables;

export interface RotateKeysEnvironment {
	readonly absoluteMs: number;
}

/** @throws when a variable is wrong. The message names it. */
export function parseRotateKeysEnvironment(environment: Environment): RotateKeysEnvironment {
	return { absoluteMs: parseTimeouts(environment).absoluteMs };
}
