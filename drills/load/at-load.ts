import type { ClientAnswer } from './clients.ts';

/**
 * Tells which instances are under load: those with frequent requests for at least one staleness
 * bound.
 */
export interface AtLoad {
	/** Whether the request found its instance under load. Call this once for each request. */
	found(answer: Pick<ClientAnswer, 'process' | 'sentAtMs' | 'elapsedMs'>): boolean;
}

/**
 * An instance starts a sync that no request waits for with the first request after half of the
 * staleness bound. If a request is sent and answered in each quarter of the bound, a quarter
 * remains for the sync. If an instance gets no request for longer, or the machine does not let it
 * run, the next request has to wait for a sync. That keeps the promise.
 */
export function createAtLoad(maxStalenessMs: number): AtLoad {
	const instances = new Map<string | undefined, { sentAtMs: number; sinceMs: number }>();
	return {
		found: ({ process, sentAtMs, elapsedMs }) => {
			const before = instances.get(process);
			const isContinued = before !== undefined && sentAtMs + elapsedMs - before.sentAtMs <= maxStalenessMs / 4;
			const sinceMs = isContinued ? before.sinceMs : sentAtMs;
			instances.set(process, { sentAtMs: Math.max(sentAtMs, before?.sentAtMs ?? sentAtMs), sinceMs });
			return sentAtMs - sinceMs > maxStalenessMs;
		},
	};
}
