/** One delivery of a message to the repair function. */
export interface Delivery {
	readonly receiptHandle: string;
	readonly body: string;
	/** How often the message has been delivered, this time included. */
	readonly deliveries: number;
}

/**
 * Port: what happens to messages whose repair is not done. A call that throws `Unreachable` may
 * have had its effect.
 */
export interface Deliveries {
	/** The queue delivers the message again after `seconds` at the earliest. */
	postpone(delivery: Delivery, seconds: number): Promise<void>;
	/** Sends another message to the queue. It is durable when this returns. */
	send(body: string): Promise<void>;
	/** When this returns, a copy of the message and the reason are in the dead-letter queue. */
	giveUp(delivery: Delivery, reason: string): Promise<void>;
}
