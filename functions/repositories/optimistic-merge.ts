import type { Session, SessionId } from '../session/session.ts';
import type { Failed } from './failed.ts';
import { place } from './placement.ts';
import { type EncodedRecord, isEncodedWithin, isReadable, readRecord } from './record.ts';
import { type Loaded, type Merged, mergeAttemptsMax, type Propose } from './repository.ts';
import { unavailable } from './store-call.ts';

/** A store of encoded records that can write on condition. Its operations never throw. */
export interface RecordStore<Revision> {
	get(id: SessionId): Promise<StoredRecord<Revision> | { readonly kind: 'absent' } | Failed>;
	/**
	 * Writes if the stored record still has the revision `over`. `undefined`: if there is still no
	 * record.
	 */
	put(
		session: Session,
		over: Revision | undefined,
	): Promise<{ readonly kind: 'written' } | { readonly kind: 'conflict' } | Failed>;
	/** The largest encoded record that the store takes. Absent: it takes every session. */
	readonly recordBytesMax?: number;
}

export interface StoredRecord<Revision> {
	readonly kind: 'stored';
	readonly record: EncodedRecord;
	/** Names this very state of the record. */
	readonly revision: Revision;
}

/** Loads a session from such a store. */
export async function loadFrom(store: RecordStore<unknown>, id: SessionId): Promise<Loaded> {
	const stored = await store.get(id);
	return stored.kind === 'stored' ? readRecord(id, stored.record) : stored;
}

/**
 * Merges into such a store: reads the record, joins it with the proposal and writes on condition,
 * again whenever another write came between. For each conflict another writer succeeded, so
 * `mergeAttemptsMax` concurrent writers of one session all succeed.
 *
 * If the session is new, the first attempt writes without a read, on condition that there is no
 * record.
 *
 * A join that could not be read again is not written. The limits of a record hold for each of two
 * records and need not hold for their join, and a message may ask for what no record may have.
 *
 * @throws what `propose` throws: a bug is not an outage.
 */
export async function mergeWithRetries<Revision>(
	store: RecordStore<Revision>,
	id: SessionId,
	propose: Propose,
	heldElsewhere?: Session,
	isNew = false,
): Promise<Merged> {
	const { recordBytesMax } = store;
	const fits =
		recordBytesMax === undefined ? undefined : (session: Session) => isEncodedWithin(session, recordBytesMax);
	for (let attempt = 0; attempt < mergeAttemptsMax; attempt++) {
		const isGuess = isNew && attempt === 0;
		const stored = isGuess ? noRecord : await store.get(id);
		if (stored.kind === 'failed') return stored;
		const current = stored.kind === 'stored' ? readRecord(id, stored.record) : undefined;
		if (current?.kind === 'failed') return current;
		const placement = place(current?.session, propose, fits, heldElsewhere);
		if (isGuess && placement.kind !== 'write') continue;
		if (placement.kind === 'too-large') return placement;
		if (placement.kind === 'nothing') return { kind: 'stored', session: current?.session };
		if (!isReadable(placement.session)) return unreadable;
		const put = await store.put(placement.session, stored.kind === 'stored' ? stored.revision : undefined);
		if (put.kind === 'failed') return put;
		if (put.kind === 'written') return { kind: 'stored', session: placement.session };
	}
	return unavailable(new Error(`${mergeAttemptsMax} writes in a row met a conflicting write`));
}

const noRecord = Object.freeze({ kind: 'absent' });

const unreadable: Failed = Object.freeze({
	kind: 'failed',
	reason: 'corrupt',
	cause: new Error('the join could not be read again'),
});
