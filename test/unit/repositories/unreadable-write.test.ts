import { expect, test } from 'vitest';
import { mergeWithRetries, type RecordStore } from '../../../functions/repositories/optimistic-merge.ts';
import {
	type EncodedRecord,
	encodeRecord,
	readRecord,
	recordBytesMax,
} from '../../../functions/repositories/record.ts';
import { writeOnCondition } from '../../../functions/repositories/store-call.ts';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session } from '../../../functions/session/session.ts';
import { makeStamp } from '../../../functions/session/stamp.ts';
import { exampleSession, exampleStartMs } from '../../support/example-session.ts';
import { largeAttributes } from '../../support/large-attributes.ts';

const session = exampleSession();

function createStore(record: EncodedRecord) {
	let stored = record;
	const store: RecordStore<EncodedRecord> = {
		get: async () => ({ kind: 'stored', record: stored, revision: stored }),
		// As in the stores: any error counts as an outage, which opens the circuit of the store.
		put: (proposed) =>
			writeOnCondition(
				() => false,
				async () => {
					stored = encodeRecord(proposed);
					return { kind: 'written' } as const;
				},
			),
	};
	return { store, read: () => readRecord(session.id, stored) };
}

function attributes(prefix: string, count: number): Session['attributes'] {
	const stamp = makeStamp(exampleStartMs, 0, 'node');
	return Object.fromEntries(
		Array.from({ length: count }, (_, index) => [`${prefix}${index}`, { stamp, value: index }]),
	);
}

test.each<[string, Session, (stored: Session) => Session]>([
	[
		'an end with more unknown fields than a record may have',
		session,
		(stored) => withRevocation(stored, { atMs: exampleStartMs, reason: 'logout', note: 'x'.repeat(5_000) } as never),
	],
	[
		'an end with a field that no version could write',
		session,
		(stored) => withRevocation(stored, { atMs: exampleStartMs, reason: 'logout', 'no name': 1 } as never),
	],
	[
		'two records that together have too many unknown fields',
		{ ...session, one: 'x'.repeat(3_000) } as Session,
		(stored) => ({ ...stored, other: 'x'.repeat(3_000) }) as Session,
	],
	[
		'two records that together have too many attributes',
		{ ...session, attributes: attributes('a', 1_000) },
		(stored) => ({ ...stored, attributes: attributes('b', 1_000) }),
	],
	[
		'more bytes than a record may have',
		session,
		(stored) => ({ ...stored, attributes: largeAttributes(recordBytesMax, makeStamp(exampleStartMs, 0, 'node')) }),
	],
	[
		'a conditional change of what is no version',
		session,
		(stored) => ({ ...stored, conditionalChanges: [{ over: 'none', stamp: makeStamp(exampleStartMs, 0, 'node') }] }),
	],
])('a record that can be read is not replaced by one that cannot: %s', async (_what, stored, change) => {
	const { store, read } = createStore(encodeRecord(stored));
	const merged = await mergeWithRetries(store, session.id, (record) => record && change(record), undefined);
	expect(read()).toEqual({ kind: 'found', session: stored });
	expect(merged).toMatchObject({ kind: 'failed', reason: 'corrupt' });
});
