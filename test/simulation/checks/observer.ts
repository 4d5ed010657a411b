/** Where a run's events and broken promises are noted. */
export interface Observer {
	/** Keeps a line of the transcript; absent when there is to be none, so that nobody makes up lines for nothing. */
	readonly trace: ((line: () => string) => void) | undefined;
	/** A promise was broken: an invariant, or that of quotas, and in words what happened. */
	violated(invariant: Invariant, what: string): void;
}

export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12' | 'quota';
