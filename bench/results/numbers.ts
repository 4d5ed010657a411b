import type { Ratio } from '../statistics/ratio.ts';

/** A number with as many digits as its spread allows a reader to use: three. */
export function number(value: number): string {
	if (!Number.isFinite(value)) return '–';
	if (value === 0) return '0';
	const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
	return Number(value.toFixed(digits)).toLocaleString('en-US', { maximumFractionDigits: digits });
}

/** `18× (15.5–21.7)`, or a dash if the rounds do not show a difference. */
export function ratioText(ratio: Ratio | undefined): string {
	if (ratio === undefined) return '';
	if (ratio.kind === 'no difference') return 'no difference shown';
	return `${number(ratio.median)}× (${number(ratio.low)}–${number(ratio.high)})`;
}
