import { parseTimeouts, type TimeoutVariables } from '../../session-server/deployment/timeouts.ts';
import type { Environment } from '../../system/environment.ts';

/**
 * What the rotation function is given: the session servers' timeouts, the same values. Whatever provisions the function is
 * held to this by the compiler.
 */
export type RotateKeysVariables = TimeoutVariables;

export interface RotateKeysEnvironment {
	readonly absoluteMs: number;
}

/** @throws naming the variable that is wrong. */
export function parseRotateKeysEnvironment(environment: Environment): RotateKeysEnvironment {
	return { absoluteMs: parseTimeouts(environment).absoluteMs };
}
