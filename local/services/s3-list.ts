/** `<Contents>` of the answer to a list, and the key in it. */
const entryForm = /<Contents>.*?<Key>(.*?)<\/Key>.*?<\/Contents>/gs;

/**
 * A page of a list in the order of S3, by the bytes of the keys. fauxqs sorts by the machine's
 * language, and so loses keys between two pages.
 *
 * @param all the answer of fauxqs with every object
 * @param after the last key of the page before
 */
export function pageOf(all: string, after: string, keysMax: number): string {
	const entries = [...all.matchAll(entryForm)]
		.map(([entry, key = '']) => ({ entry, key }))
		.filter(({ key }) => key > after)
		.sort((a, b) => (a.key < b.key ? -1 : 1));
	const page = entries.slice(0, keysMax).map(({ entry }) => entry);
	const isTruncated = entries.length > page.length;
	return [
		'<?xml version="1.0" encoding="UTF-8"?>',
		'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
		`<KeyCount>${page.length}</KeyCount><MaxKeys>${keysMax}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>`,
		...page,
		'</ListBucketResult>',
	].join('\n');
}
