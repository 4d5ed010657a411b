import { expect, test } from 'vitest';
import { inBatches } from '../../../functions/system/in-batches.ts';

test('results are in the order of the items, whichever is done first', async () => {
	const results = await inBatches([3, 1, 2], 3, async (turns) => {
		for (let turn = 0; turn < turns; turn++) await Promise.resolve();
		return turns * 10;
	});
	expect(results).toEqual([30, 10, 20]);
});

test('no more items than the width are worked on at a time', async () => {
	let running = 0;
	let runningMax = 0;
	await inBatches([1, 2, 3, 4, 5], 2, async () => {
		runningMax = Math.max(runningMax, ++running);
		await Promise.resolve();
		running--;
	});
	expect(runningMax).toBe(2);
});
