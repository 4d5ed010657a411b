/**
 * A map that holds a limited number of entries: when it is full, a new entry replaces the oldest.
 */
export interface BoundedMap<Key, Value> {
	get(key: Key): Value | undefined;
	/** Sets the entry and makes it the newest, even if its key was there before. */
	set(key: Key, value: Value): void;
	delete(key: Key): void;
}

/** @param entriesMax at least 1. */
export function createBoundedMap<Key, Value>(entriesMax: number): BoundedMap<Key, Value> {
	// A `Map` iterates in the order of insertion, so the oldest entry comes first.
	const entries = new Map<Key, Value>();
	return {
		get: (key) => entries.get(key),
		set: (key, value) => {
			entries.delete(key);
			const [oldest] = entries.keys();
			if (entries.size >= entriesMax && oldest !== undefined) entries.delete(oldest);
			entries.set(key, value);
		},
		delete: (key) => {
			entries.delete(key);
		},
	};
}
