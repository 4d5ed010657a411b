import { expect, test } from 'vitest';
import { withdrawNote } from '../../../functions/repair/withdraw-note.ts';
import { createMemoryLedger } from '../../../functions/repositories/memory/ledger.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

test('if a session is marked while the note is closing, the note is opened again and stays', async () => {
	const ledger = createMemoryLedger();
	const opened = await ledger.writeNote('dynamodb', 'open', undefined);
	if (opened.kind !== 'written') throw new Error('there is no note');
	const late = freshSessionId();
	const writeNote: typeof ledger.writeNote = async (...write) => {
		await ledger.writeMarker('dynamodb', late);
		return ledger.writeNote(...write);
	};
	const withdrawal = await withdrawNote({ ...ledger, writeNote }, 'dynamodb', createSettableClock());
	expect(withdrawal).toEqual({ kind: 'needed', marked: late });
	expect(await ledger.readNote('dynamodb')).toMatchObject({ note: { state: 'open', opening: opened.note.opening } });
});
