import { readdirSync, readFileSync } from 'node:fs';
import type { RunOptions } from './run.ts';

/** A minimised run that once broke a promise, with the story of it. It runs before any new seed. */
export interface Regression {
	readonly name: string;
	readonly story: string;
	/** The mutant that brings the mistake back. It shows that the run still finds it. */
	readonly mutant: string;
	readonly options: RunOptions;
}

/** Begins the line of `npm run simulate -- --small` that has the JSON of a regression. */
export const regressionMarker = 'To keep it: ';

const folder = new URL('./regressions/', import.meta.url);

export function readRegressions(): readonly Regression[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => ({ name: file.slice(0, -5), ...JSON.parse(readFileSync(new URL(file, folder), 'utf8')) }));
}
