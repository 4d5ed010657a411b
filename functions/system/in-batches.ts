/**
 * Calls `work` for each item, at most `widthMax` at a time. A batch begins when every item of the
 * one before is done.
 *
 * @returns the results, in the items' order.
 */
export async function inBatches<Item, Result>(
	items: readonly Item[],
	widthMax: number,
	work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	for (let begin = 0; begin < items.length; begin += widthMax)
		results.push(...(await Promise.all(items.slice(begin, begin + widthMax).map(work))));
	return results;
}
