/** A message that the repair function was given. */
export interface Delivery {
	readonly receiptHandle: string;
	readonly body: string;
	/** How often it was delivered by now, this time included. */
	readonly deliveries: number;
}

/** Port: what becomes of messages that are not done. `Unreachable`: it may or may not have happened. */
export interface Deliveries {
	/** The message is not delivered again before so many seconds have passed. */
	postpone(delivery: Delivery, seconds: number): Promise<void>;
	/** A copy of the message is in the dead-letter queue, with the reason, when this returns. */
	giveUp(delivery: Delivery, reason: string): Promise<void>;
}
