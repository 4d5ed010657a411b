import type { Random } from '../engine/random.ts';
import { timing } from '../world/settings.ts';
import { type FaultKind, faultKinds } from './kinds.ts';

/** What goes wrong, when, and for how long. Times in milliseconds of the run. */
export interface Fault {
	readonly kind: FaultKind;
	readonly at: number;
	readonly forMs: number;
	/** Chooses among what the fault may strike. */
	readonly draw: number;
}

/**
 * What clocks may do in a run. `steady`: they differ by less than the skew margin, and a frozen node's monotonic clock may stand
 * still. `stepping`: they are also set, within the margin, but then count every freeze: no clock tells of a freeze that
 * stops the one and in which the other is set back. `wild`: anything (I12).
 */
export type Clocks = 'steady' | 'stepping' | 'wild';

const excluded: Readonly<Record<Clocks, readonly FaultKind[]>> = {
	steady: ['clock step', 'clock jump'],
	stepping: ['server sleep', 'bus sleep', 'clock jump'],
	wild: ['clock step'],
};

/** Steps within the margin show only when they meet a moment of quiet. */
const stepsMore = 3;

/** A plan with `meanFaults` faults on average within `forMs`. */
export function planFaults(random: Random, meanFaults: number, forMs: number, clocks: Clocks): Fault[] {
	const kinds = faultKinds.filter((kind) => !excluded[clocks].includes(kind));
	const faults: Fault[] = [];
	if (clocks === 'stepping')
		for (let step = 0; step < stepsMore; step++)
			faults.push({ kind: 'clock step', at: random.unit() * forMs, forMs: 0, draw: random.unit() });
	let at = random.exponential(forMs / meanFaults);
	while (at < forMs) {
		const kind = random.pick(kinds);
		faults.push({ kind, at, forMs: 50 + random.exponential(random.chance(0.3) ? 12_000 : 2_500), draw: random.unit() });
		at += random.exponential(forMs / meanFaults);
	}
	return faults;
}

/** Within the margin, since true time is not among the clocks that must agree. */
export const steadySpreadMs = timing.skewMs * 0.9;
