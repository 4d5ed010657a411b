import { latencies, redisLatencyMs } from '../contenders/contender.ts';
import type { ContenderName } from '../contenders/programs.ts';
import { billedMs, type Counted } from './dollars.ts';

/** One decision of a peer. `npm run bench -- system` counts the calls, and `request` the time. */
interface PeerDecision {
	readonly reads: number;
	readonly writes: number;
	readonly commands: number;
	/** Processor time of the function, in milliseconds. */
	readonly processorMs: number;
}

const none = { reads: 0, writes: 0, commands: 0 } as const;

export const peerDecisions = {
	'connect-dynamodb': { ...none, reads: 1, writes: 1, processorMs: 3.4 },
	'connect-redis': { ...none, commands: 2, processorMs: 0.7 },
	'get-item': { ...none, reads: 1, processorMs: 1.5 },
	'better-auth': { ...none, commands: 1, processorMs: 0.9 },
	'iron-session': { ...none, processorMs: 0.3 },
	'fast-jwt': { ...none, processorMs: 0.01 },
} as const satisfies Partial<Record<ContenderName, PeerDecision>>;

/** A million decisions of a peer at this rate, in decisions a second. */
export function countedPeer({ reads, writes, commands, processorMs }: PeerDecision, perSecond: number): Counted {
	const decisions = 1e6;
	const waitedMs = (reads + writes) * latencies.dynamodb + commands * redisLatencyMs;
	return {
		decisions,
		reads: reads * decisions,
		writes: writes * decisions,
		gets: 0,
		puts: 0,
		invocations: 0,
		billedMs: decisions * billedMs(waitedMs, processorMs),
		commands: commands * decisions,
		storeHours: commands === 0 ? 0 : decisions / perSecond / 3_600,
	};
}
