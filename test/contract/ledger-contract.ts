import { describe, expect, test } from 'vitest';
import { everySession, type Ledger, type Note, type Tally } from '../../functions/repositories/ledger.ts';
import type { RepositoryName } from '../../functions/session/repository-name.ts';
import type { SessionId } from '../../functions/session/session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';

/** The contract of every repository's ledger. `open` opens it with its own client. */
export function ledgerContract(name: string, open: () => Ledger): void {
	describe(`the ledger of the ${name} repository`, () => {
		test('has no marker and no note before one is written', async () => {
			expect(await open().readNote('memory')).toEqual({ kind: 'known', note: undefined });
			expect(await open().anyMarker('memory')).toEqual({ kind: 'known', id: undefined });
			expect(await markerOf('memory', freshSessionId())).toBeUndefined();
		});

		test('keeps a marker for each session and each repository that missed a change', async () => {
			const [one, other] = [freshSessionId(), freshSessionId()];
			await open().writeMarker('s3', one);
			await open().writeMarker('dynamodb', one);
			expect(await markerOf('s3', one)).toEqual(expect.any(String));
			expect(await markerOf('s3', other)).toBeUndefined();
			await remove('s3', one);
			expect(await markerOf('s3', one)).toBeUndefined();
			expect(await markerOf('dynamodb', one)).toEqual(expect.any(String));
			await remove('dynamodb', one);
		});

		test('gives a marker another revision with each write, even if it was removed in between', async () => {
			const id = freshSessionId();
			const revisions = new Set<string | undefined>();
			for (let round = 0; round < 3; round++) {
				await open().writeMarker('s3', id);
				revisions.add(await markerOf('s3', id));
				await open().writeMarker('s3', id);
				revisions.add(await markerOf('s3', id));
				await remove('s3', id);
			}
			expect(revisions.size).toBe(6);
		});

		test('does not remove a marker that was written again', async () => {
			const id = freshSessionId();
			await open().writeMarker('s3', id);
			const seen = (await markerOf('s3', id)) ?? '';
			await open().writeMarker('s3', id);
			expect(await open().removeMarker('s3', id, seen)).toEqual({ kind: 'conflict' });
			expect(await markerOf('s3', id)).not.toBe(seen);
			await remove('s3', id);
			expect(await open().removeMarker('s3', id, seen)).toEqual({ kind: 'conflict' });
		});

		test('finds a marked session for as long as there is one', async () => {
			const ids = Array.from({ length: 20 }, freshSessionId);
			for (const id of ids) await open().writeMarker('s3', id);
			const left = new Set(ids);
			while (left.size > 0) {
				const found = await open().anyMarker('s3');
				if (found.kind !== 'known' || found.id === undefined) throw new Error(`${left.size} were not found`);
				expect(left).toContain(found.id);
				left.delete(found.id);
				await remove('s3', found.id);
			}
			expect(await open().anyMarker('s3')).toEqual({ kind: 'known', id: undefined });
			expect(await open().anyMarker('dynamodb')).toEqual({ kind: 'known', id: undefined });
		});

		test('writes a note once if several clients find that there is none', async () => {
			const written = await Promise.all(Array.from({ length: 5 }, () => open().writeNote('s3', 'open', undefined)));
			expect(written.map(({ kind }) => kind).sort()).toEqual([...Array(4).fill('conflict'), 'written']);
			const note = await noteOf('s3');
			expect(written).toContainEqual({ kind: 'written', note });
			expect(await noteOf('dynamodb')).toBeUndefined();
			expect(await open().removeNote('s3', note)).toEqual({ kind: 'removed' });
			expect(await noteOf('s3')).toBeUndefined();
		});

		test('keeps the opening of a note in every state, and gives it a new one after a removal', async () => {
			const open1 = await written('open', undefined);
			const closing = await written('closing', open1);
			const open2 = await written('open', closing);
			expect([open1, closing, open2].map(({ state }) => state)).toEqual(['open', 'closing', 'open']);
			expect([closing.opening, open2.opening]).toEqual([open1.opening, open1.opening]);
			expect(new Set([open1.revision, closing.revision, open2.revision]).size).toBe(3);
			expect(await noteOf('s3')).toEqual(open2);
			await open().removeNote('s3', open2);
			const later = await written('open', undefined);
			expect(later.opening).not.toBe(open1.opening);
			await open().removeNote('s3', later);
		});

		test('does not write or remove a note that has changed since it was seen', async () => {
			const first = await written('open', undefined);
			const second = await written('closing', first);
			for (const state of ['open', 'closing'] as const)
				for (const over of [first, undefined])
					expect(await open().writeNote('s3', state, over)).toEqual({ kind: 'conflict' });
			expect(await open().removeNote('s3', first)).toEqual({ kind: 'conflict' });
			expect(await noteOf('s3')).toEqual(second);
			expect(await open().removeNote('s3', second)).toEqual({ kind: 'removed' });
			expect(await open().removeNote('s3', second)).toEqual({ kind: 'conflict' });
			expect(await open().writeNote('s3', 'open', second)).toEqual({ kind: 'conflict' });
			expect(await noteOf('s3')).toBeUndefined();
		});

		test('keeps a tally of each repository, and writes it only over the one that was seen', async () => {
			expect(await tallyOf('memory')).toBeUndefined();
			expect(await open().writeTally('memory', { count: 1, atMs: 1_000 }, undefined)).toEqual({ kind: 'written' });
			const first = await tallyOf('memory');
			expect(first).toMatchObject({ count: 1, atMs: 1_000 });
			expect(await tallyOf('s3')).toBeUndefined();
			expect(await open().writeTally('memory', { count: 2, atMs: 2_000 }, undefined)).toEqual({ kind: 'conflict' });
			expect(await open().writeTally('memory', { count: 2, atMs: 2_000 }, first)).toEqual({ kind: 'written' });
			expect(await open().writeTally('memory', { count: 2, atMs: 2_000 }, first)).toEqual({ kind: 'conflict' });
			expect(await tallyOf('memory')).toMatchObject({ count: 2, atMs: 2_000 });
		});

		test('keeps a marker of every session like any other', async () => {
			await open().writeMarker('s3', everySession);
			expect(await open().anyMarker('s3')).toEqual({ kind: 'known', id: everySession });
			await remove('s3', everySession);
			expect(await open().anyMarker('s3')).toEqual({ kind: 'known', id: undefined });
		});

		async function tallyOf(of: RepositoryName): Promise<Tally | undefined> {
			const read = await open().readTally(of);
			if (read.kind === 'failed') throw new Error('the tally could not be read', { cause: read.cause });
			return read.tally;
		}

		async function markerOf(missing: RepositoryName, id: SessionId): Promise<string | undefined> {
			const read = await open().readMarker(missing, id);
			if (read.kind === 'failed') throw new Error('the marker could not be read', { cause: read.cause });
			return read.revision;
		}

		async function remove(missing: RepositoryName, id: SessionId): Promise<void> {
			const revision = (await markerOf(missing, id)) ?? '';
			expect(await open().removeMarker(missing, id, revision)).toEqual({ kind: 'removed' });
		}

		async function noteOf(missing: RepositoryName): Promise<Note> {
			const read = await open().readNote(missing);
			if (read.kind === 'failed') throw new Error('the note could not be read', { cause: read.cause });
			return read.note as Note;
		}

		async function written(state: Note['state'], over: Note | undefined): Promise<Note> {
			const outcome = await open().writeNote('s3', state, over);
			if (outcome.kind !== 'written') throw new Error(`the note was not written: ${outcome.kind}`);
			return outcome.note;
		}
	});
}
