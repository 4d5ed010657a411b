import { createRandom } from '../../local/system/random.ts';
import { median } from './summary.ts';

/** How many times as large one value is as another, measured in the same rounds. */
export type Ratio =
	| { readonly kind: 'ratio'; readonly median: number; readonly low: number; readonly high: number }
	/** The interval contains 1, so these rounds do not show which value is larger. */
	| { readonly kind: 'no difference'; readonly low: number; readonly high: number };

/** The part of the resamples whose medians lie in the interval. */
export const confidence = 0.95;
const resamples = 4_000;

/**
 * The median of the ratios of each round, with a bootstrap interval (Efron 1979; the percentile
 * method). Both values of a round were measured side by side, so that a busy machine slows both
 * down.
 *
 * @throws if the two do not have the same number of rounds, or fewer than three
 */
export function pairedRatio(of: readonly number[], to: readonly number[], seed = 1): Ratio {
	if (of.length !== to.length) throw new Error(`A ratio of ${of.length} rounds to ${to.length} is not paired.`);
	if (of.length < 3) throw new Error('An interval needs three rounds.');
	const ratios = of.map((value, round) => value / (to[round] ?? Number.NaN));
	const random = createRandom(seed);
	const drawn = () => ratios[Math.floor(random() * ratios.length)] ?? Number.NaN;
	const medians = Array.from({ length: resamples }, () => median(ratios.map(drawn))).toSorted((a, b) => a - b);
	const tail = (1 - confidence) / 2;
	const low = medians[Math.floor(tail * resamples)] ?? Number.NaN;
	const high = medians[Math.ceil((1 - tail) * resamples) - 1] ?? Number.NaN;
	if (!(low > 1 || high < 1)) return { kind: 'no difference', low, high };
	return { kind: 'ratio', median: median(ratios), low, high };
}
