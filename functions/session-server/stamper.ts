import { nextStamp, type Stamp } from '../session/stamp.ts';
import type { Clock } from '../system/clock.ts';
import type { Synchronizer } from './memory/synchronizer.ts';

/** The stamp of a change that this instance makes now: larger than every stamp that it replaces. */
export type StampAfter = (replaced: readonly Stamp[]) => Stamp;

/** Two changes by one instance never share a stamp, not even within one millisecond. */
export function createStamper(clock: Clock, synchronizer: Pick<Synchronizer, 'instanceId'>): StampAfter {
	let lastStamp: Stamp | undefined;
	return (replaced) => {
		const seen = lastStamp === undefined ? replaced : [...replaced, lastStamp];
		lastStamp = nextStamp(clock.now().wallMs, synchronizer.instanceId(), seen);
		return lastStamp;
	};
}
