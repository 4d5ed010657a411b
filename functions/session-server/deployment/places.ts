/*
 * The file `issuers.json` is part of the function's code. It is written before a deployment knows
 * the address of a new user pool. Such texts travel in a variable, and the file has their places:
 * `{ "$value": 0 }` is the place of the first one.
 */

/** The place of a text in the file. */
export interface Place {
	readonly $value: number;
}

/**
 * `value` with the texts in their places.
 *
 * @throws if a text is missing
 */
export function fillPlaces(value: unknown, texts: readonly string[]): unknown {
	if (Array.isArray(value)) return value.map((one) => fillPlaces(one, texts));
	if (typeof value !== 'object' || value === null) return value;
	if (!('$value' in value))
		return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, fillPlaces(one, texts)]));
	const text = texts[Number(value.$value)];
	if (text === undefined) throw new Error(`LEASEHOLD_ISSUER_VALUES has no text number ${String(value.$value)}`);
	return text;
}
