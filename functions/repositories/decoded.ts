import type { SessionId } from '../session/session.ts';
import { decodeRecord, type EncodedRecord } from './record.ts';
import type { Loaded } from './repository.ts';

/** The outcome of a load whose record is `record`. One that cannot be read says nothing of the session: not absent (I8). */
export function decoded(id: SessionId, record: EncodedRecord): Exclude<Loaded, { kind: 'absent' }> {
	try {
		const session = decodeRecord(record);
		if (session.id !== id) throw new Error(`the record of ${id} is that of another session`);
		return { kind: 'found', session };
	} catch (cause) {
		return { kind: 'failed', reason: 'corrupt', cause };
	}
}
