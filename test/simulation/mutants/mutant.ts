/**
 * A realistic mistake. It is planted by changing the source as it is loaded, so the production code
 * needs no branch for it.
 */
export interface Mutant {
	/** Names the mistake on the command line: a protocol that … */
	readonly name: string;
	/** The thought that could lead a programmer to make it. */
	readonly thought: string;
	readonly patches: readonly Patch[];
}

/** `find` must occur in the file exactly once. */
interface Patch {
	/** Below `functions/`. */
	readonly file: string;
	readonly find: string;
	readonly replace: string;
}

export const mutant = (
	name: string,
	thought: string,
	...patches: readonly (readonly [string, string, string])[]
): Mutant => ({
	name,
	thought,
	patches: patches.map(([file, find, replace]) => ({ file, find, replace })),
});
