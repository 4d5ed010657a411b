/** Runs `work` when every earlier work for the same key has ended. Keys without work take no memory. */
export type KeyLock = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createKeyLock(): KeyLock {
	const last = new Map<string, Promise<unknown>>();
	return async (key, work) => {
		const turn = (last.get(key) ?? Promise.resolve()).then(work);
		const ended = turn.catch(() => undefined); // A failure is its caller's; the next in line only waits for the end.
		last.set(key, ended);
		try {
			return await turn;
		} finally {
			if (last.get(key) === ended) last.delete(key);
		}
	};
}
