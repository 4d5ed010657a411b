import type { ContenderName } from '../contenders/programs.ts';
import type { Result, Size } from '../results/result.ts';

/** The options of a run. */
export interface RunOptions {
	readonly size: Size;
	/** The access log for `fleet`. */
	readonly trace: string | undefined;
	/** Tells the person who waits how far the run is. */
	report(line: string): void;
}

/** One benchmark of `npm run bench`. */
export interface Benchmark {
	/** One line for the help text. */
	readonly what: string;
	run(options: RunOptions): Promise<Omit<Result, 'machine' | 'benchmark' | 'size'>>;
	/** The contenders whose versions belong to the result. */
	readonly contenders: readonly ContenderName[];
}
