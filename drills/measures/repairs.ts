import type { QueueCounts } from '../../local/services/embedded-sqs.ts';
import { atLeast, atMost, mustHold, type Promised } from '../report.ts';
import type { Stage } from '../stage.ts';
import { compareRepositories } from './compare-repositories.ts';

export const drainMsMax = 20_000;

export interface Drained extends QueueCounts {
	readonly afterMs: number;
}

/** Waits until no repair is left, at most for `msMax`. */
export async function drain({ clients, wait }: Stage, msMax = drainMsMax): Promise<Drained> {
	const begun = performance.now();
	for (;;) {
		const { repairs } = (await clients.control('GET', '/queues')) as { repairs: QueueCounts };
		const afterMs = Math.round(performance.now() - begun);
		if (repairs.waiting + repairs.inFlight === 0 || afterMs > msMax) return { ...repairs, afterMs };
		await wait(100);
	}
}

export async function repairsQueued({ clients }: Stage): Promise<number> {
	const services = (await clients.control('GET', '/services')) as { queue: { calls: Record<string, number> } };
	return services.queue.calls['SendMessage'] ?? 0;
}

/** Waits for the repairs that the load has left, and then compares the repositories. */
export async function converged(stage: Stage, sessionsMin: number): Promise<readonly Promised[]> {
	const { waiting, inFlight, dead } = await drain(stage);
	const { sessions, divergent } = await compareRepositories(stage.region);
	return [
		atMost('repairs left at the end', 0, waiting + inFlight),
		atMost('repairs given up', 0, dead),
		atLeast('sessions in the repositories', sessionsMin, sessions),
		mustHold('both repositories have the same record of each', divergent.length === 0, `${divergent.length} differ`),
	];
}
