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
	/** How long it waited. */
	const keep = async () => {
		const { monotonicMs } = clock.now();
		expect(await notes.keep(s3, 'dynamodb', freshSessionId())).toBe(true);
		return clock.now().monotonicMs - monotonicMs;
	};
	return { clock, s3, keep };
}

test('the first change that misses a repository waits until its note counts, and those that come after it do not', async () => {
	const { keep } = setUp();
	expect(await keep()).toBe(doubtMs);
	expect(await keep()).toBe(0);
	expect(await keep()).toBe(0);
});

test('a note that was withdrawn meanwhile, and is written anew, is waited for again', async () => {
	const { clock, s3, keep } = setUp();
	await keep();
	const read = await s3.ledger.readNote('dynamodb');
	if (read.kind === 'failed' || read.note === undefined) throw new Error('there is no note');
	await s3.ledger.removeNote('dynamodb', read.note);
	clock.advance(10 * doubtMs);
	expect(await keep()).toBe(doubtMs);
});
