import type { RepairQueue } from '../../functions/bus/writing/repair-queue.ts';

/** A queue that takes every task and delivers none. */
export const noRepairs: RepairQueue = {
	enqueue: async () => undefined,
	enqueueSweep: async () => undefined,
};
