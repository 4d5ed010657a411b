import type { CopyKeys, PublishedKey } from '../../carried/copy-keys.ts';
import type { Clock } from '../../system/clock.ts';

/**
 * The keys of carried copies in memory, for tests and the simulation. Each operation takes effect
 * when it is called.
 */
export function createMemoryCopyKeys(clock: Pick<Clock, 'now'>): CopyKeys {
	const keys = new Map<string, PublishedKey>();
	return {
		publish: async (key) => {
			if (!keys.has(key.id)) keys.set(key.id, Object.freeze({ ...key }));
		},
		find: async (id) => {
			const key = keys.get(id);
			return key === undefined || key.expiresAtMs <= clock.now().wallMs ? undefined : key;
		},
	};
}
