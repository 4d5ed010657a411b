import { existsSync, readFileSync } from 'node:fs';
import { drawPictures } from '../bench/pictures/pictures.ts';
import { readSaved, resultsFolder, savedNames } from '../bench/results/saved.ts';

export interface Picture {
	readonly absolutePath: string;
	/** The picture as the saved results have it. */
	readonly drawn: string;
	/** The file as it is now. */
	readonly text: string | undefined;
}

/** The pictures of the saved results of `npm run bench`. */
export function pictures(): readonly Picture[] {
	const results = Object.fromEntries(savedNames.map((name) => [name, readSaved(name)]));
	return [...drawPictures(results)].map(([name, drawn]) => {
		const absolutePath = `${resultsFolder}${name}`;
		const text = existsSync(absolutePath) ? readFileSync(absolutePath, 'utf8') : undefined;
		return { absolutePath, drawn, text };
	});
}
