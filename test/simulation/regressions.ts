import { readdirSync, readFileSync } from 'node:fs';
import type { RunOptions } from './run.ts';

/** A run that once broke a promise, made small, and the story of it. The seeds of new runs come after these. */
export interface Regression {
	readonly name: string;
	readonly story: string;
	/** The mutant that brings the mistake back, so that the run can be seen to find it. */
	readonly mutant: string;
	readonly options: RunOptions;
}

const folder = new URL('./regressions/', import.meta.url);

export function readRegressions(): readonly Regression[] {
	return readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.sort()
		.map((file) => ({ name: file.slice(0, -5), ...JSON.parse(readFileSync(new URL(file, folder), 'utf8')) }));
}
