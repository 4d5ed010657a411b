import { expect, test } from 'vitest';
import { createDoubts } from '../../../../functions/bus/doubt/doubts.ts';
import { doubtMs } from '../../../../functions/repositories/ledger.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { noRepairs } from '../../../support/no-repairs.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';
import { timerOf } from '../../../support/timer-of.ts';

test('a check that a freeze held up for longer than doubtMs leaves the repository in doubt', async () => {
	const clock = { ...createSettableClock(), delay: () => new Promise<never>(() => undefined) };
	const s3 = createMemoryRepository('s3');
	const answered = Promise.withResolvers<void>();
	const readNote: typeof s3.ledger.readNote = async (missing) => {
		await answered.promise;
		return s3.ledger.readNote(missing);
	};
	const frozen = { ...s3, ledger: { ...s3.ledger, readNote } };
	const doubts = createDoubts([createMemoryRepository('dynamodb'), frozen], clock, noRepairs);

	const checking = doubts.check('dynamodb');
	clock.advance(doubtMs + 1);
	answered.resolve();
	expect((await checking).doubt).toBe('missed');
	expect((await doubts.check('dynamodb')).doubt).toBe('none');
});

test('a check that is half as old as doubtMs is renewed, and no read waits for the new one', async () => {
	const clock = { ...createSettableClock(), timer: () => timerOf(new Promise<never>(() => undefined)) };
	const s3 = createMemoryRepository('s3');
	let noteReads = 0;
	const readNote: typeof s3.ledger.readNote = async (missing) => {
		if (++noteReads > 1) await new Promise<never>(() => undefined);
		return s3.ledger.readNote(missing);
	};
	const slow = { ...s3, ledger: { ...s3.ledger, readNote } };
	const doubts = createDoubts([createMemoryRepository('dynamodb'), slow], clock, noRepairs);
	const first = await doubts.check('dynamodb');

	clock.advance(0.3 * doubtMs);
	expect(await doubts.check('dynamodb')).toBe(first);
	expect(noteReads).toBe(1);
	clock.advance(0.3 * doubtMs);
	expect(await doubts.check('dynamodb')).toBe(first);
	expect(noteReads).toBe(2);
});
