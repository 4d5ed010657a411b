/** A realistic mistake, planted by changing the source as it is loaded: the production code has no branch for it. */
export interface Mutant {
	/** What the mistake is, as a name for the command line. */
	readonly name: string;
	/** What someone could have been thinking. */
	readonly thought: string;
	readonly patches: readonly Patch[];
}

/** `find` must stand in the file exactly once. */
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
