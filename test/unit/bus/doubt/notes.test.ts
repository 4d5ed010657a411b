import { expect, test } from 'vitest';
import { createNotes } from '../../../../functions/bus/doubt/notes.ts';
import { doubtMs } from '../../../../functions/repositories/ledger.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

function setUp() {
	const clock = createSettableClock();
	const s3 = createMemoryRepository('s3');
	const notes = createNotes(clock);
	/** Returns how long it waited, in milliseconds. */
	const keep = async () => {
		const { monotonicMs } = clock.now();
		expect(await notes.keep(s3, 'dynamodb', freshSessionId())).toBe(true);
		return clock.now().monotonicMs - monotonicMs;
	};
	return { clock, s3, keep };
}

test('the first change that misses a repository waits for doubtMs after its note, and later ones do not wait', async () => {
	const { keep } = setUp();
	expect(await keep()).toBe(doubtMs);
	expect(await keep()).toBe(0);
	expect(await keep()).toBe(0);
});

test('if a note was withdrawn and is written again, the change waits again', async () => {
	const { clock, s3, keep } = setUp();
	await keep();
	const read = await s3.ledger.readNote('dynamodb');
	if (read.kind === 'failed' || read.note === undefined) throw new Error('there is no note');
	await s3.ledger.removeNote('dynamodb', read.note);
	clock.advance(10 * doubtMs);
	expect(await keep()).toBe(doubtMs);
});
