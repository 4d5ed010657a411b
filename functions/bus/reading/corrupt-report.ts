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

/** A session that is read often would fill the queue, and one repair is enough. */
const reportAgainMs = 60_000;
/** A report that is forgotten costs one more message. */
const reportedMax = 1_000;

export function createCorruptReport({
	repairs,
	clock,
	log,
}: {
	readonly repairs: RepairQueue;
	readonly clock: Clock;
	readonly log: Log;
}): ReportCorrupt {
	const reported = createBoundedMap<SessionId, Instant>(reportedMax);
	return async (repository, sessionId, forged) => {
		const before = reported.get(sessionId);
		if (before !== undefined && elapsedMs(before, clock.now()) < reportAgainMs) return;
		reported.set(sessionId, clock.now());
		log('error', forged === undefined ? 'a record is corrupt' : 'a record is forged', { repository, sessionId });
		try {
			await repairs.enqueue(sessionId, [repository], forged);
		} catch (error) {
			reported.delete(sessionId);
			log('warn', 'the repair of a corrupt record could not be queued', { sessionId, ...describeError(error) });
		}
	};
}
