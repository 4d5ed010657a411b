import { nextStamp, type Stamp } from '../session/stamp.ts';
import type { SessionServerContext } from './context.ts';
import type { Synchronizer } from './memory/synchronizer.ts';

/** The stamp of a change that this instance makes now, larger than those that it replaces. */
export type StampAfter = (replaced: readonly Stamp[]) => Stamp;

/** Two changes of one instance never share a stamp, not even within one millisecond. */
export function createStamper(context: SessionServerContext, synchronizer: Synchronizer): StampAfter {
	let lastStamp: Stamp | undefined;
	return (replaced) => {
		const seen = lastStamp === undefined ? replaced : [...replaced, lastStamp];
		lastStamp = nextStamp(context.clock.now().wallMs, synchronizer.instanceId(), seen);
		return lastStamp;
	};
}
