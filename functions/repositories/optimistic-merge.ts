import type { Session, SessionId } from '../session/session.ts';
import { decoded } from './decoded.ts';
import type { Failed } from './failed.ts';
import { place } from './placement.ts';
import { type EncodedRecord, isEncodedWithin } from './record.ts';
import { type Merged, mergeAttemptsMax, type Propose } from './repository.ts';

/** A stored record, and what names this very state of it. */
export interface Stored<Revision> {
	readonly record: EncodedRecord;
	readonly revision: Revision;
}

interface Store<Revision> {
	get(): Promise<Stored<Revision> | undefined>;
	/** Writes on condition that the stored state is still `over`. */
	put(session: Session, over: Revision | undefined): Promise<'written' | 'conflict'>;
	/** What one encoded record may take, in a store that does not take every session. */
	readonly recordBytesMax?: number;
}

/**
 * A merge as read, join, conditional write, and again when another write came between. A conflict means that another writer
 * got through, so `mergeAttemptsMax` writers of one session at the same moment all do.
 * @throws what `propose` throws: a bug is not an outage.
 */
export async function mergeWithRetries<Revision>(
	id: SessionId,
	store: Store<Revision>,
	propose: Propose,
	heldElsewhere: Session | undefined,
): Promise<Merged> {
	const { recordBytesMax } = store;
	const fits =
		recordBytesMax === undefined ? undefined : (session: Session) => isEncodedWithin(session, recordBytesMax);
	for (let attempt = 0; attempt < mergeAttemptsMax; attempt++) {
		const stored = await answered(store.get());
		if ('cause' in stored) return failedBy(stored.cause);
		const current = stored.value === undefined ? undefined : decoded(id, stored.value.record);
		if (current?.kind === 'failed') return current;
		const placement = place(current?.session, propose, fits, heldElsewhere);
		if (placement.kind === 'too-large') return placement;
		if (placement.kind === 'nothing') return { kind: 'stored', session: current?.session };
		const put = await answered(store.put(placement.session, stored.value?.revision));
		if ('cause' in put) return failedBy(put.cause);
		if (put.value === 'written') return { kind: 'stored', session: placement.session };
	}
	return failedBy(new Error('too many conflicting writes'));
}

async function answered<Value>(call: Promise<Value>): Promise<{ readonly value: Value } | { readonly cause: unknown }> {
	try {
		return { value: await call };
	} catch (cause) {
		return { cause };
	}
}

function failedBy(cause: unknown): Failed {
	return { kind: 'failed', reason: 'unavailable', cause };
}
