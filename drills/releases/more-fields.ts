/** The field that the next release adds everywhere. */
export const moreField = 'later';

/** Every part gets the same value, so that two instances that add it do not disagree. */
const more = { order: 1, note: 'next' } as const;

/** Objects whose fields have names that clients choose. */
const maps = new Set(['attributes', 'changes']);

/**
 * Adds a field to every object in the value that lacks it, as a later version may do.
 *
 * @param value JSON
 */
export function withMore<Value>(value: Value, name = ''): Value {
	if (typeof value !== 'object' || value === null || name === moreField) return value;
	if (Array.isArray(value)) return value.map((part) => withMore(part)) as Value;
	const parts = Object.entries(value).map(([field, part]) => [field, withMore(part, field)]);
	return Object.fromEntries(maps.has(name) || moreField in value ? parts : [...parts, [moreField, more]]);
}
