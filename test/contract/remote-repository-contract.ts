import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EncodedRecord, recordBytesMax } from '../../functions/repositories/record.ts';
import type { Repository } from '../../functions/repositories/repository.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { exampleSession, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import type { Outage } from '../support/outages.ts';
import type { RepositoryBed } from './repository-contract.ts';

/** A store outside the process. Others may write to it, and it may fail to answer. */
export interface RemoteRepositoryBed extends RepositoryBed {
	/** Stores `record` as the record of a session without the adapter. */
	storeRaw(id: SessionId, record: EncodedRecord): Promise<void>;
	readRaw(id: SessionId): Promise<EncodedRecord>;
	/** The record as it was moved aside. `nothing`: it was not. */
	readQuarantined(id: SessionId, record: EncodedRecord): Promise<EncodedRecord>;
	/** How many writes the store has been asked for. */
	writes(): number;
	readonly outages: Readonly<Record<string, Outage<Repository>>>;
}

/** The additional contract of `Repository` adapters that reach their store over a network. */
export function remoteRepositoryContract(name: string, create: () => Promise<RemoteRepositoryBed>): void {
	describe(`the ${name} repository`, () => {
		let bed: RemoteRepositoryBed;
		let repository: Repository;
		beforeAll(async () => {
			bed = await create();
			repository = bed.open();
		});
		afterAll(() => bed.close?.());

		test.each([
			['text that is not JSON', '{"schema":1,'],
			['an empty record', ''],
			['JSON of another shape', '{"hello":"world"}'],
			['a session of an unknown schema', JSON.stringify({ ...exampleSession(), schema: 0 })],
			['a session with an additional field', JSON.stringify({ ...exampleSession(), surprise: true })],
			['the record of another session', JSON.stringify(exampleSession({ id: freshSessionId() }))],
			[
				'a session with an incomplete credential',
				JSON.stringify({ ...exampleSession(), credential: { generation: 1 } }),
			],
			['a compressed session that was cut off', gzipSync(JSON.stringify(exampleSession())).subarray(0, 99)],
			['bytes that are neither JSON nor compressed', Uint8Array.of(1, 2, 3)],
			['bytes that decompress beyond the limit', gzipSync(Buffer.alloc(2 * recordBytesMax, ' '))],
		])(
			'reports %s as corrupt, never as absent, does not overwrite it, and can move it aside',
			async (_what, record) => {
				const session = exampleSession({ id: freshSessionId() });
				await bed.storeRaw(session.id, record);
				const corrupt = { kind: 'failed', reason: 'corrupt' };
				expect(await repository.load(session.id)).toMatchObject(corrupt);
				expect(await repository.merge(session.id, () => session)).toMatchObject(corrupt);
				expect(await repository.merge(session.id, () => undefined)).toMatchObject(corrupt);
				expect(Buffer.from(await bed.readRaw(session.id))).toEqual(Buffer.from(record));

				expect(await bed.open().quarantine(session.id)).toEqual({ kind: 'moved' });
				expect(Buffer.from(await bed.readQuarantined(session.id, record))).toEqual(Buffer.from(record));
				expect(await repository.load(session.id)).toEqual({ kind: 'absent' });
				expect(await repository.quarantine(session.id)).toEqual({ kind: 'kept' });
				expect(await repository.merge(session.id, () => session)).toEqual({ kind: 'stored', session });
			},
		);

		test('keeps what it moved aside before', async () => {
			const { id } = exampleSession({ id: freshSessionId() });
			for (const record of ['corrupt', 'corrupt again']) {
				await bed.storeRaw(id, record);
				expect(await repository.quarantine(id)).toEqual({ kind: 'moved' });
			}
			for (const record of ['corrupt', 'corrupt again'])
				expect(Buffer.from(await bed.readQuarantined(id, record))).toEqual(Buffer.from(record));
		});

		test('does not move a record aside that was written after the corrupt one was seen', async () => {
			for (let round = 0; round < 20; round++) {
				const session = exampleSession({ id: freshSessionId() });
				await bed.storeRaw(session.id, 'corrupt');
				const movers = Array.from({ length: 3 }, () => bed.open().quarantine(session.id));
				const merged = (async () => {
					for (;;) if ((await repository.merge(session.id, () => session)).kind === 'stored') return;
				})();
				await Promise.all([...movers, merged]);
				expect(await repository.load(session.id)).toEqual({ kind: 'found', session });
			}
		});

		test('keeps the fields that a later version has stored in a record, whatever is merged into it', async () => {
			const session = exampleSession({ id: freshSessionId() });
			const later = {
				...session,
				device: { order: 1, name: 'phone' },
				credential: { ...session.credential, method: 'passkey' },
			};
			await bed.storeRaw(session.id, JSON.stringify(later));
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session: later });
			const used = withActivity(session, exampleStartMs + 1);
			expect(await repository.merge(session.id, () => used)).toMatchObject({ kind: 'stored' });
			const raw = await bed.readRaw(session.id);
			expect(JSON.parse(Buffer.from(raw).toString())).toEqual({ ...later, lastSeenAtMs: exampleStartMs + 1 });
		});

		test.each([
			['as text', (text: string) => text],
			['compressed', (text: string) => gzipSync(text)],
		])(
			'does not read, overwrite or move a record that a later version of Leasehold has written %s',
			async (_how, encode) => {
				const session = exampleSession({ id: freshSessionId() });
				const record = encode(JSON.stringify({ ...session, schema: 2, surprise: true }));
				await bed.storeRaw(session.id, record);
				const unknown = { kind: 'failed', reason: 'unknown-schema' };
				expect(await repository.load(session.id)).toMatchObject(unknown);
				expect(await repository.merge(session.id, () => session)).toMatchObject(unknown);
				expect(await repository.quarantine(session.id)).toMatchObject(unknown);
				expect(Buffer.from(await bed.readRaw(session.id))).toEqual(Buffer.from(record));
				expect(await bed.readQuarantined(session.id, record)).toBe('nothing');
			},
		);

		test('does not write if nothing changes', async () => {
			const session = exampleSession({ id: freshSessionId() });
			await repository.merge(session.id, () => session);
			const before = bed.writes();
			await repository.merge(freshSessionId(), () => undefined);
			await repository.merge(session.id, () => undefined);
			await repository.merge(session.id, () => session);
			await repository.merge(session.id, (stored) => stored);
			expect(bed.writes()).toBe(before);
			await repository.merge(session.id, () => withActivity(session, exampleStartMs + 9));
			expect(bed.writes()).toBe(before + 1);
		});

		test('is unavailable in every kind of outage, never absent, and answers again afterwards', async () => {
			const session = exampleSession({ id: freshSessionId() });
			await repository.merge(session.id, () => session);
			const failed = { kind: 'failed', reason: 'unavailable', cause: expect.any(Error) };
			for (const [outage, during] of Object.entries(bed.outages)) {
				const results = await during((broken) =>
					Promise.all([
						broken.load(session.id),
						broken.load(freshSessionId()),
						broken.merge(session.id, () => withActivity(session, exampleStartMs + 9)),
						broken.merge(freshSessionId(), () => undefined),
						broken.quarantine(session.id),
						broken.tally.read(),
						broken.tally.write({ count: 1, atMs: 1 }, undefined),
					]),
				);
				expect(results, outage).toEqual(Array.from(results, () => failed));
			}
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session });
		});
	});
}
