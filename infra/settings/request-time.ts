import { checkedTiming, type Timing } from '../../functions/control-table/timing.ts';
import { requestMsMax } from '../../functions/session-server/deployment/request-time.ts';
import { controlTableTryMs, triesMax } from '../../functions/system/aws/call-limits.ts';

/** The longest that an HTTP API waits for its integration (API Gateway Developer Guide, quotas). It cannot be raised. */
const apiGatewayMsMax = 30_000;

/**
 * Checks the times of a deployment against each other and against what they are spent on.
 * @returns the longest that a session server's request may take.
 * @throws with what was received, what does not fit, and what would.
 */
export function checkedRequestMs(timing: Timing): number {
	const { leaseDurationMs, maxStalenessMs } = checkedTiming(timing);
	if (maxStalenessMs < controlTableTryMs)
		throw new Error(
			`a staleness bound of ${maxStalenessMs} ms has passed before a slow sync ends, which may take ` +
				`${controlTableTryMs} ms: memory would not be used then; choose ${controlTableTryMs} ms or more`,
		);
	// A renewal is due when a third of the lease is gone, and goes out with the next sync.
	const renewalMs = maxStalenessMs + triesMax * controlTableTryMs;
	const leaseMsMin = Math.ceil((renewalMs * 3) / 2);
	if (leaseDurationMs < leaseMsMin)
		throw new Error(
			`a lease of ${leaseDurationMs} ms may end before it is renewed: with a staleness bound of ${maxStalenessMs} ms ` +
				`that takes up to ${renewalMs} ms, for which two thirds of the lease are left; choose a lease of ${leaseMsMin} ms or more`,
		);
	const requestMs = requestMsMax(timing);
	if (requestMs > apiGatewayMsMax)
		throw new Error(
			`with a lease of ${leaseDurationMs} ms, a logout that waits for its proof may take ${requestMs} ms, and API Gateway ` +
				`waits for ${apiGatewayMsMax} ms; choose a lease of ${leaseDurationMs - (requestMs - apiGatewayMsMax)} ms or less`,
		);
	return requestMs;
}
