import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Result } from './result.ts';

/** The folder of the saved results and their pictures. */
export const resultsFolder = fileURLToPath(new URL('../../docs/benchmarks/', import.meta.url));

/** The benchmarks whose results the documents show. */
export const savedNames = [
	'quick',
	'micro',
	'request',
	'system',
	'cold',
	'start-up',
	'stories',
	'cost',
	'growth',
] as const;

export type SavedName = (typeof savedNames)[number];

/** The result that was saved last. `undefined`: none was. */
export function readSaved(name: SavedName): Result | undefined {
	const file = `${resultsFolder}${name}.json`;
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : undefined;
}
