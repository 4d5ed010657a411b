import { checkedTiming, type Timing } from '../../functions/control-table/timing.ts';
import {
	controlTableTryMs,
	sessionServerFunctionMs,
	throttledPauseMsMax,
	triesMax,
} from '../../functions/system/time-budget.ts';

/**
 * Checks that the times of a deployment fit each other and the limits of AWS.
 * @returns the longest that a session server may take for a request.
 * @throws with the time that does not fit, the reason, and a value that does.
 */
export function checkedRequestMs(timing: Timing): number {
	const { leaseDurationMs, maxStalenessMs } = checkedTiming(timing);
	if (maxStalenessMs < controlTableTryMs)
		throw new Error(
			`a slow sync may take ${controlTableTryMs} ms, which is longer than a staleness bound of ${maxStalenessMs} ms, so ` +
				`instances could not answer from memory: choose ${controlTableTryMs} ms or more`,
		);
	// A renewal is due when a third of the lease has passed, and is part of the next sync.
	const renewalMs = maxStalenessMs + triesMax * controlTableTryMs + throttledPauseMsMax;
	const leaseMsMin = Math.ceil((renewalMs * 3) / 2);
	if (leaseDurationMs < leaseMsMin)
		throw new Error(
			`a lease of ${leaseDurationMs} ms may expire before it is renewed, because the renewal has two thirds of the lease ` +
				`and may take ${renewalMs} ms with a staleness bound of ${maxStalenessMs} ms: choose a lease of ${leaseMsMin} ms or more`,
		);
	return sessionServerFunctionMs;
}
