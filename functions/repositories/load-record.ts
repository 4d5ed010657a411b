import type { SessionId } from '../session/session.ts';
import { decoded } from './decoded.ts';
import type { EncodedRecord } from './record.ts';
import type { Loaded } from './repository.ts';

/** A load from a store that keeps encoded records. Whatever the store throws means that it could not answer. */
export async function loadRecord(
	id: SessionId,
	get: () => Promise<{ readonly record: EncodedRecord } | undefined>,
): Promise<Loaded> {
	try {
		const stored = await get();
		return stored === undefined ? { kind: 'absent' } : decoded(id, stored.record);
	} catch (cause) {
		return { kind: 'failed', reason: 'unavailable', cause };
	}
}
