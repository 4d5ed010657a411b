/**
 * Runs `work` after all earlier work for the same key has ended. Keys without work use no memory.
 */
export type KeyLock = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;

export function createKeyLock(): KeyLock {
	const last = new Map<string, Promise<unknown>>();
	return async (key, work) => {
		const turn = (last.get(key) ?? Promise.resolve()).then(work);
		// The caller gets the failure. The next work only waits for the end.
		const ended = turn.catch(() => undefined);
		last.set(key, ended);
		try {
			return await turn;
		} finally {
			if (last.get(key) === ended) last.delete(key);
		}
	};
}
