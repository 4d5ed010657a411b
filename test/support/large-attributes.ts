import type { AttributeValue, Session } from '../../functions/session/session.ts';
import { attributeTextMax } from '../../functions/session/session-schema.ts';
import type { Stamp } from '../../functions/session/stamp.ts';

/**
 * Text of the greatest length that a value may have. Each character has three bytes, and
 * compression saves about 40 percent.
 */
export function largeText(seed: number): string {
	let state = seed + 1;
	const codes = Array.from({ length: attributeTextMax }, () => {
		// Lehmer's generator (Park and Miller 1988), so that a seed always gives the same text.
		state = (state * 48_271) % 2_147_483_647;
		return 0x4e00 + (state % 20_000);
	});
	return String.fromCharCode(...codes);
}

/** Attributes of about 12 kB each that make a record of at least `bytes`. */
export function largeAttributes(bytes: number, stamp: Stamp): Session['attributes'] {
	const count = Math.ceil(bytes / (3 * attributeTextMax));
	const value = (index: number): AttributeValue => largeText(index);
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { stamp, value: value(index) }]));
}
