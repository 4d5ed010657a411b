import { callsOf, type Message } from '../../drills/costs/calls.ts';
import { prices } from '../../drills/costs/prices.ts';
import { functionGb, processorShare, sdkCallMs, valkeyGbMin } from './assumptions.ts';

/**
 * The calls and the running time that decisions caused. The front door, logs and logins are not in
 * it.
 */
export interface Counted {
	readonly decisions: number;
	/** Strong reads of DynamoDB of up to 4 kB. */
	readonly reads: number;
	/** Writes of DynamoDB of up to 1 kB. */
	readonly writes: number;
	readonly gets: number;
	readonly puts: number;
	/** Invocations other than the decision's own, which every design pays. */
	readonly invocations: number;
	/** Billed milliseconds of all functions together. */
	readonly billedMs: number;
	/** Commands of Valkey. */
	readonly commands: number;
	/** For how long its store was kept, in hours. 0 without one. */
	readonly storeHours: number;
}

/** Dollars for a million decisions. */
export interface Dollars {
	readonly calls: number;
	readonly time: number;
	readonly sum: number;
}

export function dollarsPerMillion(counted: Counted): Dollars {
	const { decisions, reads, writes, gets, puts, invocations, billedMs, commands, storeHours } = counted;
	const calls =
		reads * prices.dynamoDbReadsPerMillion +
		writes * prices.dynamoDbWritesPerMillion +
		gets * prices.s3GetsPerMillion +
		puts * prices.s3PutsPerMillion +
		invocations * prices.invocationsPerMillion +
		commands * prices.valkeyEcpusPerMillion +
		storeHours * valkeyGbMin * prices.valkeyGbHour * 1e6;
	const time = (billedMs / 1_000) * functionGb * prices.gbSecond * 1e6;
	return { calls: calls / decisions, time: time / decisions, sum: (calls + time) / decisions };
}

/**
 * Billed milliseconds of one invocation. Lambda rounds up to whole ones, and a small function has a
 * part of a processor.
 */
export function billedMs(waitedMs: number, processorMs: number): number {
	return Math.max(1, Math.ceil(waitedMs + processorMs / processorShare));
}

/** The calls that messages to the bus cause, and the time that the bus is billed for them. */
export function countedMessages(
	messages: Readonly<Partial<Record<string, number>>>,
	busMs: number,
): Pick<Counted, 'reads' | 'writes' | 'gets' | 'puts' | 'invocations' | 'billedMs'> {
	const sum = { reads: 0, writes: 0, gets: 0, puts: 0, invocations: 0 };
	for (const [message, each] of Object.entries(callsOf)) {
		const count = messages[message as Message] ?? 0;
		sum.reads += each.reads * count;
		sum.writes += each.writes * count;
		sum.gets += each.gets * count;
		sum.puts += each.puts * count;
		sum.invocations += count;
	}
	const sdkCalls = sum.reads + sum.writes + sum.gets + sum.puts;
	return { ...sum, billedMs: busMs + (sdkCalls * sdkCallMs) / processorShare };
}
