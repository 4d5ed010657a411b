import { expect, test } from 'vitest';
import { createDoubts } from '../../../functions/bus/doubts.ts';
import { doubtMs } from '../../../functions/repositories/ledger.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory-repository.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

test('a look that a freeze held up for longer than it counts vouches for nobody', async () => {
	const clock = { ...createSettableClock(), delay: () => new Promise<never>(() => undefined) };
	const s3 = createMemoryRepository('s3');
	const answered = Promise.withResolvers<void>();
	const readNote: typeof s3.ledger.readNote = async (missing) => {
		await answered.promise;
		return s3.ledger.readNote(missing);
	};
	const frozen = { ...s3, ledger: { ...s3.ledger, readNote } };
	const doubts = createDoubts([createMemoryRepository('dynamodb'), frozen], clock);

	const looking = doubts.about('dynamodb');
	clock.advance(doubtMs + 1);
	answered.resolve();
	expect((await looking).doubt).toBe('missed');
	expect((await doubts.about('dynamodb')).doubt).toBe('none');
});
