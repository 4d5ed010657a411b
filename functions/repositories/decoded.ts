import * as v from 'valibot';
import type { SessionId } from '../session/session.ts';
import { sessionSchemaNumber } from '../session/session-schema.ts';
import { decodeRecord, type EncodedRecord, jsonOf } from './record.ts';
import type { Loaded } from './repository.ts';

/** The outcome of a load whose record is `record`. One that cannot be read says nothing of the session: not absent (I8). */
export function decoded(id: SessionId, record: EncodedRecord): Exclude<Loaded, { kind: 'absent' }> {
	try {
		const session = decodeRecord(record);
		if (session.id !== id) throw new Error(`the record of ${id} is that of another session`);
		return { kind: 'found', session };
	} catch (cause) {
		return { kind: 'failed', reason: isOfLaterSchema(record) ? 'unknown-schema' : 'corrupt', cause };
	}
}

/** What a later version wrote must survive a rollback to this one: it is neither read, nor written over, nor moved. */
function isOfLaterSchema(record: EncodedRecord): boolean {
	try {
		return v.is(laterRecordSchema, jsonOf(record));
	} catch {
		return false;
	}
}

/** Every version has its schema's number at the same place. */
const laterRecordSchema = v.object({ schema: v.pipe(v.number(), v.integer(), v.gtValue(sessionSchemaNumber)) });
