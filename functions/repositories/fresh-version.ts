import { systemRandomBytes } from '../system/random.ts';
import type { Version } from './ledger.ts';

/** Enough that no two are ever the same. */
const versionBytes = 12;

/** A version that nothing had before: neither a counter, which begins again once the object was removed, nor a hash of contents. */
export function freshVersion(): Version {
	return Buffer.from(systemRandomBytes(versionBytes)).toString('base64url');
}
