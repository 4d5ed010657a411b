import { systemRandomBytes } from '../system/random.ts';
import type { Revision } from './ledger.ts';

/** Enough that no two are ever the same. */
const revisionBytes = 12;

/** A revision that nothing had before: neither a counter, which begins again once the object was removed, nor a hash of contents. */
export function freshRevision(): Revision {
	return Buffer.from(systemRandomBytes(revisionBytes)).toString('base64url');
}
