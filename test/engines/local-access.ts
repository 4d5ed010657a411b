import { localAccount } from '../../local/system/local-account.ts';
import type { EngineAccess } from '../support/engines/engine-access.ts';

/** How to reach a development engine. Such engines accept any credentials. */
export function localAccess(endpoint: string, namePrefix: string): EngineAccess {
	return { endpoint, ...localAccount, namePrefix };
}

/** Development engines are slow when they are busy. */
export const localTestMsMax = 60_000;
