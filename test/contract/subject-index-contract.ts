import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entryOf, type SubjectEntry, type SubjectIndex } from '../../functions/repositories/subject-index.ts';
import { exampleSession, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';

/** A store to run the contract against. */
export interface SubjectIndexBed {
	/** Opens the index with its own client. */
	open(): SubjectIndex;
	close?(): Promise<void>;
}

/** The contract of every adapter of the `SubjectIndex` port. */
export function subjectIndexContract(name: string, create: () => Promise<SubjectIndexBed>): void {
	describe(`the ${name} subject index`, () => {
		let bed: SubjectIndexBed;
		let index: SubjectIndex;
		beforeAll(async () => {
			bed = await create();
			index = bed.open();
		});
		afterAll(() => bed.close?.());

		test('has no entries of an unknown subject', async () => {
			expect(await index.read(freshSubject())).toEqual({ kind: 'read', entries: [] });
		});

		test('returns every field of the stored entries, in their order', async () => {
			const subject = freshSubject();
			const entries = [freshEntry(), { ...freshEntry(), ending: 'quota' as const }, freshEntry()];
			expect(await index.change(subject, () => ({ outcome: 'done', entries }))).toEqual(decided('done'));
			expect(await bed.open().read(subject)).toEqual({ kind: 'read', entries });
		});

		test('calls the decision with the stored entries, and stores nothing if it returns no entries', async () => {
			const subject = freshSubject();
			const entry = freshEntry();
			await index.change(subject, add(entry));
			const looked = await bed.open().change(subject, (entries) => ({ outcome: entries }));
			expect(looked).toEqual(decided([entry]));
			expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry] });
		});

		test('keeps used ID tokens until a change replaces them, whatever becomes of the entries', async () => {
			const subject = freshSubject();
			const used = [{ digest: 'd'.repeat(43), sessionId: freshSessionId(), expiresAtMs: exampleStartMs }];
			const seen = async () => {
				const looked = await bed.open().change(subject, (_entries, stored) => ({ outcome: stored }));
				return looked.kind === 'decided' && looked.outcome;
			};
			expect(await seen()).toEqual([]);
			await index.change(subject, () => ({ outcome: undefined, entries: [freshEntry()], used }));
			expect(await seen()).toEqual(used);
			await index.change(subject, () => ({ outcome: undefined, entries: [] }));
			expect(await seen()).toEqual(used);
			await index.change(subject, () => ({ outcome: undefined, entries: [], used: [] }));
			expect(await seen()).toEqual([]);
		});

		test('can be emptied and filled again', async () => {
			const subject = freshSubject();
			await index.change(subject, add(freshEntry()));
			await index.change(subject, () => ({ outcome: undefined, entries: [] }));
			expect(await index.read(subject)).toEqual({ kind: 'read', entries: [] });
			const entry = freshEntry();
			await index.change(subject, add(entry));
			expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry] });
		});

		test.each([
			['of any script and of the greatest length', '\u{1f600}/?#\n'.repeat(85)],
			['that looks like the key of an item', '~subject-x'],
		])('keeps a subject %s', async (_what, text) => {
			const subject = `${freshSubject()}${text}`.slice(0, 512);
			const entry = freshEntry();
			await index.change(subject, add(entry));
			expect(await index.read(subject)).toEqual({ kind: 'read', entries: [entry] });
			expect(await index.read(`${subject} `)).toEqual({ kind: 'read', entries: [] });
		});

		test('keeps a thousand entries', async () => {
			const subject = freshSubject();
			const entries = Array.from({ length: 1_000 }, () => ({ ...freshEntry(), ending: 'administration' as const }));
			await index.change(subject, () => ({ outcome: undefined, entries }));
			expect(await index.read(subject)).toEqual({ kind: 'read', entries });
		});

		test('loses none of twenty entries that as many clients add at once', async () => {
			const subject = freshSubject();
			const added = Array.from({ length: 20 }, freshEntry);
			const outcomes = await Promise.all(added.map((entry) => bed.open().change(subject, add(entry))));
			expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['decided']));
			const read = await index.read(subject);
			expect(read.kind === 'read' && new Set(read.entries)).toEqual(new Set(added));
		});

		test('takes no more entries than the decision has room for, and tells each client which decision took effect', async () => {
			const subject = freshSubject();
			const changes = await Promise.all(
				Array.from({ length: 20 }, async () => {
					const entry = freshEntry();
					const changed = await bed
						.open()
						.change(subject, (entries) =>
							entries.length < 3 ? { outcome: true, entries: [...entries, entry] } : { outcome: false },
						);
					return { entry, admitted: changed.kind === 'decided' && changed.outcome };
				}),
			);
			const admitted = changes.filter((change) => change.admitted).map(({ entry }) => entry);
			const read = await index.read(subject);
			expect(admitted).toHaveLength(3);
			expect(read.kind === 'read' && new Set(read.entries)).toEqual(new Set(admitted));
		});

		test('throws the error of a decision instead of reporting an outage', async () => {
			const bug = index.change(freshSubject(), () => {
				throw new TypeError('a bug');
			});
			await expect(bug).rejects.toThrow('a bug');
		});
	});
}

export function add(entry: SubjectEntry) {
	return (entries: readonly SubjectEntry[]) => ({ outcome: undefined, entries: [...entries, entry] });
}

export function freshSubject(): string {
	return `issuer:${randomBytes(9).toString('base64url')}`;
}

export function freshEntry(): SubjectEntry {
	return entryOf(
		exampleSession({ id: freshSessionId(), createdAtMs: exampleStartMs + Math.floor(1e6 * Math.random()) }),
	);
}

function decided<Outcome>(outcome: Outcome) {
	return { kind: 'decided', outcome };
}
