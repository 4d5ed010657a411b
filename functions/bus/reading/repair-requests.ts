import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { ForgedRecord } from '../../session/signed-part.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError, type Log } from '../../system/log.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';

/**
 * Logs a corrupt record and queues its repair. No call waits for this.
 *
 * @param forged present if the record can be read, but a session server found it forged
 */
export type ReportCorrupt = (
	repository: RepositoryName,
	sessionId: SessionId,
	forged?: readonly ForgedRecord[],
) => Promise<void>;

/**
 * Queues the repair of a session whose marker has been open for long. Its own message may have come
 * before the marker, as it does if the bus's request arrives late. No call waits for this.
 */
export type ReportLeftOpen = (sessionId: SessionId, missing: RepositoryName) => Promise<void>;

interface RequestPorts {
	readonly repairs: RepairQueue;
	readonly clock: Clock;
	readonly log: Log;
}

/** A session that is read often would fill the queue, and one repair is enough. */
const askAgainMs = 60_000;
/** A request that is forgotten costs one more message. */
const askedMax = 1_000;

export function createCorruptReport(ports: RequestPorts): ReportCorrupt {
	const once = createOnceAMinute(ports);
	return async (repository, sessionId, forged) => {
		await once(sessionId, () => {
			const what = forged === undefined ? 'a record is corrupt' : 'a record is forged';
			ports.log('error', what, { repository, sessionId });
			return ports.repairs.enqueue(sessionId, [repository], forged);
		});
	};
}

export function createLeftOpenReport(ports: RequestPorts): ReportLeftOpen {
	const once = createOnceAMinute(ports);
	return (sessionId, missing) => once(sessionId, () => ports.repairs.enqueue(sessionId, [missing]));
}

function createOnceAMinute({ clock, log }: RequestPorts) {
	const asked = createBoundedMap<SessionId, Instant>(askedMax);
	return async (sessionId: SessionId, ask: () => Promise<void>): Promise<void> => {
		const before = asked.get(sessionId);
		if (before !== undefined && elapsedMs(before, clock.now()) < askAgainMs) return;
		asked.set(sessionId, clock.now());
		try {
			await ask();
		} catch (error) {
			asked.delete(sessionId);
			log('warn', 'a repair could not be queued', { sessionId, ...describeError(error) });
		}
	};
}
