import { expect, test } from 'vitest';
import { repairSession } from '../../../functions/repair/repair-session.ts';
import { settleNotes } from '../../../functions/repair/settle-notes.ts';
import { withdrawNote } from '../../../functions/repair/withdraw-note.ts';
import { createMemoryLedger } from '../../../functions/repositories/memory/ledger.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import { exampleSession } from '../../support/example-session.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

test('if a session gets a marker while the note is closing, the note is opened again and stays', async () => {
	const ledger = createMemoryLedger();
	const opened = await ledger.writeNote('dynamodb', 'open', undefined);
	if (opened.kind !== 'written') throw new Error('there is no note');
	const late = freshSessionId();
	const writeNote: typeof ledger.writeNote = async (...write) => {
		await ledger.writeMarker('dynamodb', late);
		return ledger.writeNote(...write);
	};
	const withdrawal = await withdrawNote({ ...ledger, writeNote }, 'dynamodb', createSettableClock());
	expect(withdrawal).toEqual({ kind: 'needed', sessionId: late });
	expect(await ledger.readNote('dynamodb')).toMatchObject({ note: { state: 'open', opening: opened.note.opening } });
});

test('a marker that arrives after its note was withdrawn is found, and the next repair of any session clears it', async () => {
	const repositories = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')] as const;
	const [dynamodb, s3] = repositories;
	const [late, any] = [exampleSession({ id: freshSessionId() }), exampleSession({ id: freshSessionId() })];
	for (const { id, ...rest } of [late, any])
		for (const { merge } of repositories) await merge(id, () => ({ id, ...rest }));
	await s3.ledger.writeMarker('dynamodb', late.id);
	const ports = { repositories, subjects: createMemorySubjectIndex(), clock: createSettableClock() };

	expect(await repairSession(ports, any.id)).toEqual({ kind: 'repaired' });
	expect(await settleNotes(ports)).toBe('settled');

	expect(await s3.ledger.anyMarker('dynamodb')).toEqual({ kind: 'known', id: undefined });
	expect(await dynamodb.ledger.anyMarker('s3')).toEqual({ kind: 'known', id: undefined });
});
