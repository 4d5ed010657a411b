/**
 * How often a message is delivered: the largest `maxReceiveCount` that SQS takes. With the delays
 * below, the last delivery comes after three and a half days. That is less than the queue's
 * retention, so a message ends in the dead-letter queue with a reason, not by its age.
 */
export const deliveriesMax = 1_000;

const firstDelaySeconds = 4;
/** When a repository is available again, its repairs are tried within this time. */
export const delaySecondsMax = 300;

/** How long a message waits after its `deliveries`-th delivery failed: twice as long each time. */
export function delaySecondsAfter(deliveries: number): number {
	return Math.min(firstDelaySeconds * 2 ** (deliveries - 1), delaySecondsMax);
}
