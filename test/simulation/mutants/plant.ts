import { registerHooks } from 'node:module';
import type { Mutant } from './mutant.ts';
import { mutants } from './mutants.ts';

/** Loads production modules with the mistake in them. To be called before any of them is imported. */
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
				if (source.split(find).length !== 2)
					throw new Error(
						`${name}: what it changes stands ${source.split(find).length - 1} times in functions/${file}`,
					);
				source = source.replace(find, () => replace);
			}
			return { ...loaded, source };
		},
	});
	return mutant;
}
