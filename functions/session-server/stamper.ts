import { isInReach, nextStamp, type Stamp } from '../session/stamp.ts';
import type { Clock } from '../system/clock.ts';
import type { Synchronizer } from './memory/synchronizer.ts';

/**
 * Makes the stamp of a change by this instance. It is larger than every stamp that the change
 * replaces.
 */
export type StampAfter = (replaced: readonly Stamp[]) => Stamp;

/**
 * Creates the stamper of an instance. No two of its stamps are the same, even within one
 * millisecond.
 */
export function createStamper(clock: Clock, synchronizer: Pick<Synchronizer, 'instanceId'>): StampAfter {
	let lastStamp: Stamp | undefined;
	return (replaced) => {
		const seen = lastStamp === undefined ? replaced : [...replaced, lastStamp];
		const { wallMs } = clock.now();
		const stamp = nextStamp(wallMs, synchronizer.instanceId(), seen);
		// The bus refuses any other stamp. Remembering it would spoil the changes of other sessions.
		if (isInReach(stamp, wallMs)) lastStamp = stamp;
		return stamp;
	};
}
