import { systemRandomBytes } from '../system/random.ts';
import type { Revision } from './tally.ts';

/** With 96 random bits, no two revisions are ever equal. */
const revisionBytes = 12;

/**
 * A revision that nothing had before. A counter would begin again after the object was removed, and
 * a hash of the contents would repeat with the contents.
 */
export function freshRevision(): Revision {
	return Buffer.from(systemRandomBytes(revisionBytes)).toString('base64url');
}
