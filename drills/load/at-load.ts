import type { Answered } from './clients.ts';

/** Which instances are at load: asked again and again for as long as memory may be behind. */
export interface AtLoad {
	/** Whether this request found the instance at load. To be asked of each request, once. */
	found(answered: Pick<Answered, 'process' | 'sentAtMs' | 'elapsedMs'>): boolean;
}

/**
 * A sync that no request waits for begins with the first request after half of the staleness bound. With a request in each
 * quarter, sent and answered, that leaves a quarter for the sync. An instance that gets none for longer, or that the machine does
 * not let run for longer, has to sync when it is asked: that is the promise kept, not broken.
 */
export function createAtLoad(maxStalenessMs: number): AtLoad {
	const instances = new Map<string | undefined, { sentAtMs: number; sinceMs: number }>();
	return {
		found: ({ process, sentAtMs, elapsedMs }) => {
			const before = instances.get(process);
			const goesOn = before !== undefined && sentAtMs + elapsedMs - before.sentAtMs <= maxStalenessMs / 4;
			const sinceMs = goesOn ? before.sinceMs : sentAtMs;
			instances.set(process, { sentAtMs: Math.max(sentAtMs, before?.sentAtMs ?? sentAtMs), sinceMs });
			return sentAtMs - sinceMs > maxStalenessMs;
		},
	};
}
