/** What was put in last: when there are too many, the oldest leaves. */
export interface Recent<Key, Value> {
	get(key: Key): Value | undefined;
	/** Counts as new, whether it was there or not. */
	set(key: Key, value: Value): void;
	delete(key: Key): void;
}

/** A map keeps its entries in the order in which they came, so the oldest is the first. */
export function createRecent<Key, Value>(max: number): Recent<Key, Value> {
	const entries = new Map<Key, Value>();
	return {
		get: (key) => entries.get(key),
		set: (key, value) => {
			entries.delete(key);
			const [oldest] = entries.keys();
			if (entries.size >= max && oldest !== undefined) entries.delete(oldest);
			entries.set(key, value);
		},
		delete: (key) => {
			entries.delete(key);
		},
	};
}
