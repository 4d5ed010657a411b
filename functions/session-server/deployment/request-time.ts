import type { Timing } from '../../control-table/timing.ts';
import { busTryMs, controlTableTryMs, triesMax } from '../../system/aws/call-limits.ts';
import { serviceTimeoutMs } from '../http/forward/forward.ts';
import { confirmationMs } from '../operations/confirm-everywhere.ts';

/**
 * The longest that a session server takes for a request while one of its calls takes all of its time: the bus is asked, and
 * then either the last look at the leases falls on the end of the wait for a proof, or a service takes as long as it may.
 */
export function requestMsMax(timing: Timing): number {
	const proofMs = confirmationMs(timing) + triesMax * controlTableTryMs;
	return triesMax * busTryMs + Math.max(proofMs, serviceTimeoutMs);
}
