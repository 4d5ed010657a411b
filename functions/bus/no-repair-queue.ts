import { Unreachable } from '../system/unreachable.ts';
import type { RepairQueue } from './repair-queue.ts';

/** Where nothing can repair a repository later, a write that one of them missed is not acknowledged at all. */
export const noRepairQueue: RepairQueue = {
	enqueue: async () => {
		throw new Unreachable('repair queue', new Error('there is none: every write needs every repository'));
	},
};
