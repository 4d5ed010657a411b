/** The findings of one part of the run. */
export interface Outcome {
	readonly name: string;
	readonly passed: number;
	readonly failures: readonly string[];
}
