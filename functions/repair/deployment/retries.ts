/**
 * As often as a message is delivered: SQS counts no further (`maxReceiveCount`). With the delays below that is three and a
 * half days, less than the queue's retention, so that a message ends with a reason and not by its age.
 */
export const deliveriesMax = 1_000;

const firstDelaySeconds = 4;
/** Once a repository is back, its repairs are done this much later at the most. */
export const delaySecondsMax = 300;

/** How long a message waits after it was delivered so many times in vain: twice as long each time. */
export function delaySecondsAfter(deliveries: number): number {
	return Math.min(firstDelaySeconds * 2 ** (deliveries - 1), delaySecondsMax);
}
