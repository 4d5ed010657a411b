import { resultMarkdown } from '../../bench/results/markdown.ts';
import { readSaved, type SavedName, savedNames } from '../../bench/results/saved.ts';
import { table } from './markdown.ts';

/** The tables of the saved results, by the name in a document, such as `benchmark-quick`. */
export const benchmarkTables: Readonly<Record<string, () => string>> = Object.fromEntries(
	savedNames.map((name) => [`benchmark-${name}`, () => benchmarkTable(name)]),
);

function benchmarkTable(name: SavedName): string {
	const result = readSaved(name);
	if (result === undefined) return `Not measured yet: \`npm run bench -- ${name} --save\`.`;
	return resultMarkdown(result, table);
}
