import { localAccount } from '../../local/system/local-account.ts';
import type { EngineAccess } from '../support/engines/engine-access.ts';

/** How to reach an engine for development, which takes any credentials. */
export function localAccess(endpoint: string, namePrefix: string): EngineAccess {
	return { endpoint, ...localAccount, namePrefix };
}

/** Engines for development are slow when they are busy. */
export const localTestMsMax = 60_000;
