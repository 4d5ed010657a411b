import type { Source } from './model.ts';

/**
 * Milliseconds for which a decision keeps its environment busy, by the injected latencies. A memory
 * decision takes what its processor takes.
 */
export const busyMs: Readonly<Record<Source, number>> = { memory: 1, sync: 9, borrowed: 30, adopted: 80 };

/** Lambda promises no life of an environment. People have seen these. */
export const idleMs = 7 * 60_000;
export const lifeMs = 2 * 3_600_000;
