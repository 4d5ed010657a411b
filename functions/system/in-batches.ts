/** What `work` makes of each item, in the items' order, `widthMax` of them at a time. */
export async function inParallel<Item, Result>(
	items: readonly Item[],
	widthMax: number,
	work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
	const results: Result[] = [];
	for (let begin = 0; begin < items.length; begin += widthMax)
		results.push(...(await Promise.all(items.slice(begin, begin + widthMax).map(work))));
	return results;
}
