import { busyMs } from '../fleet/assumptions.ts';
import type { FleetOutcome } from '../fleet/model.ts';
import { sdkCallMs, warmDecisionMs } from './assumptions.ts';
import { billedMs, type Counted, countedMessages } from './dollars.ts';

/** Milliseconds of the bus for a message, with the injected latencies. */
const busMessageMs = { read: 10, lend: 10, recover: 45, touch: 30 } as const;

/** The calls and the time of a fleet that was modelled. */
export function countedModel({ sources, syncs, leaseWrites, leaseReads, touches }: FleetOutcome): Counted {
	const messages = { read: sources.borrowed, lend: sources.adopted, recover: sources.adopted, touch: touches };
	const busMs = Object.entries(busMessageMs).reduce(
		(sum, [message, ms]) => sum + ms * messages[message as keyof typeof messages],
		0,
	);
	const bus = countedMessages(messages, busMs);
	const time = (source: keyof typeof sources, sdkCalls: number) =>
		sources[source] * billedMs(source === 'memory' ? 0 : busyMs[source], warmDecisionMs + sdkCalls * sdkCallMs);
	return {
		...bus,
		decisions: sources.memory + sources.sync + sources.borrowed + sources.adopted,
		reads: bus.reads + syncs + leaseReads,
		writes: bus.writes + leaseWrites,
		billedMs: bus.billedMs + time('memory', 0) + time('sync', 1) + time('borrowed', 2) + time('adopted', 3),
		commands: 0,
		storeHours: 0,
	};
}
