/** What was used last, within a budget of bytes; what was used least recently leaves first. */
export interface ByteBudget<Key, Value> {
	/** Counts as use. */
	get(key: Key): Value | undefined;
	/** Puts a value in place of the one that was there; `false` when it is larger than the whole budget, and then none is there. */
	set(key: Key, value: Value, bytes: number): boolean;
	delete(key: Key): void;
	clear(): void;
	/** Not an accessor: an object literal with accessors gets a shape of its own each time, and whatever uses several is slow. */
	size(): number;
	bytes(): number;
}

/**
 * A map keeps its entries in the order in which they came, so that the least recently used is the first. Libraries do the
 * same with more features: the one that was here weighed as much as the token check, the rules and the merge together.
 *
 * @param onRemoved called with every value that leaves, except by `clear`; `evicted` says that it left for want of room.
 */
export function createByteBudget<Key, Value>(
	bytesMax: number,
	onRemoved: (value: Value, evicted: boolean) => void,
): ByteBudget<Key, Value> {
	const entries = new Map<Key, { readonly value: Value; readonly bytes: number }>();
	let total = 0;

	function remove(key: Key, evicted: boolean): void {
		const entry = entries.get(key);
		if (entry === undefined) return;
		entries.delete(key);
		total -= entry.bytes;
		onRemoved(entry.value, evicted);
	}

	return {
		get: (key) => {
			const entry = entries.get(key);
			if (entry === undefined) return undefined;
			entries.delete(key);
			entries.set(key, entry);
			return entry.value;
		},
		set: (key, value, bytes) => {
			remove(key, false);
			if (bytes > bytesMax) return false;
			for (const [oldest] of entries) {
				if (total + bytes <= bytesMax) break;
				remove(oldest, true);
			}
			entries.set(key, { value, bytes });
			total += bytes;
			return true;
		},
		delete: (key) => remove(key, false),
		clear: () => {
			entries.clear();
			total = 0;
		},
		size: () => entries.size,
		bytes: () => total,
	};
}
