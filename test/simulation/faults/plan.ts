import type { Random } from '../engine/random.ts';
import { timing } from '../world/settings.ts';
import { type FaultKind, faultKinds } from './kinds.ts';

/** A planned fault. Its times are milliseconds of the run. */
export interface Fault {
	readonly kind: FaultKind;
	readonly at: number;
	readonly forMs: number;
	/** A number in [0, 1) that chooses the victim and the details. */
	readonly draw: number;
}

/**
 * How the clocks of a run behave.
 *
 * - `steady`: they differ by less than the skew margin. A frozen node's monotonic clock may stop.
 * - `stepping`: they are also set within the margin, and monotonic clocks count every freeze. If a
 *   monotonic clock stopped during a freeze in which the wall clock was set back, no clock would
 *   show the freeze.
 * - `wild`: anything may happen (I12).
 */
export type Clocks = 'steady' | 'stepping' | 'wild';

const excluded: Readonly<Record<Clocks, readonly FaultKind[]>> = {
	steady: ['clock step', 'clock jump'],
	stepping: ['server sleep', 'bus sleep', 'clock jump'],
	wild: ['clock step'],
};

/**
 * Steps within the margin have an effect only if they meet a quiet moment, so there are more of
 * them.
 */
const stepsMore = 3;

/** It needs a session that is in use at the one server that stays, so there are more of them. */
const oftener: readonly FaultKind[] = ['late acquisition', 'late acquisition'];

/** Plans `meanFaults` faults on average within `forMs`. */
export function planFaults(random: Random, meanFaults: number, forMs: number, clocks: Clocks): Fault[] {
	const kinds = [...faultKinds, ...oftener].filter((kind) => !excluded[clocks].includes(kind));
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

/** The spread of clocks that differ by less than the skew margin. */
export const steadySpreadMs = timing.skewMs * 0.9;
