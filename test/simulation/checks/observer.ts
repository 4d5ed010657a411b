/** Records a run's events and its broken promises. */
export interface Observer {
	/**
	 * Keeps a line of the transcript. Absent if there is none, so that no line is made for nothing.
	 */
	readonly trace: ((line: () => string) => void) | undefined;
	/** A promise was broken: an invariant or the promise of quotas. `what` says how, in words. */
	violated(invariant: Invariant, what: string): void;
}

export type Invariant =
	| 'I1'
	| 'I2'
	| 'I3'
	| 'I4'
	| 'I5'
	| 'I6'
	| 'I7'
	| 'I8'
	| 'I9'
	| 'I10'
	| 'I11'
	| 'I12'
	| 'I13'
	| 'I15'
	| 'I16'
	| 'quota'
	| 'reach'
	| 'liveness';
