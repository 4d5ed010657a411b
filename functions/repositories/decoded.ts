import { decodeRecord } from './record.ts';
import type { Loaded } from './repository.ts';

/** The outcome of a load whose record is `record`. One that cannot be read says nothing of the session: not absent (I8). */
export function decoded(record: string): Exclude<Loaded, { kind: 'absent' }> {
	try {
		return { kind: 'found', session: decodeRecord(record) };
	} catch (cause) {
		return { kind: 'failed', reason: 'corrupt', cause };
	}
}
