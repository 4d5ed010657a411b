import type { AttributeValue, Session } from '../../functions/session/session.ts';
import { attributeTextMax } from '../../functions/session/session-schema.ts';
import type { Stamp } from '../../functions/session/stamp.ts';

/**
 * Text as long as a value may be. Each character has three bytes, and compression saves about 40 %.
 */
export function largeText(seed: number): string {
	let state = seed + 1;
	const codes = Array.from({ length: attributeTextMax }, () => {
		// Lehmer's generator (Park and Miller 1988): the same text for the same seed.
		state = (state * 48_271) % 2_147_483_647;
		return 0x4e00 + (state % 20_000);
	});
	return String.fromCharCode(...codes);
}

/** Attributes of about 12 kB each, as many as a record of this size needs. */
export function largeAttributes(bytes: number, stamp: Stamp): Session['attributes'] {
	const count = Math.ceil(bytes / (3 * attributeTextMax));
	const value = (index: number): AttributeValue => largeText(index);
	return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, { stamp, value: value(index) }]));
}
