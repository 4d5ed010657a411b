import { registerHooks } from 'node:module';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

/**
 * Loads production modules with the mistake in them. Call this before any of them is imported.
 *
 * @throws if there is no such mutant, and on import if its quote does not stand in the file once
 */
export function plant(name: string): Mutant {
	const mutant = mutants.find((candidate) => candidate.name === name);
	if (mutant === undefined) throw new Error(`there is no mutant named ${name}`);
	registerHooks({
		load: (url, context, nextLoad) => {
			const loaded = nextLoad(url, context);
			const patches = mutant.patches.filter(({ file }) => url.endsWith(`/functions/${file}`));
			if (patches.length === 0 || loaded.source == null) return loaded;
			let source = loaded.source.toString();
			for (const { file, find, replace } of patches) {
				const occurrences = occurrencesOf(find, source);
				if (occurrences !== 1)
					throw new Error(`the code that ${name} changes stands ${occurrences} times in functions/${file}`);
				source = source.replace(find, () => replace);
			}
			return { ...loaded, source };
		},
	});
	return mutant;
}

/** How often a patch's quote stands in the source of its file. */
export function occurrencesOf(find: string, source: string): number {
	return source.split(find).length - 1;
}
