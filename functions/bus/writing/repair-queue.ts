import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';
import type { ForgedRecord } from '../../session/signed-part.ts';

/**
 * A task is delivered only after this delay. By then the bus that queued it has opened the marker,
 * and a repository that has just failed may be well again. If the marker comes later, the next read
 * of the session queues another task.
 */
export const repairDelayMs = 5_000;

/**
 * Port: the repositories that missed a write and are to be given it later. When `enqueue` returns,
 * the task is durable. It is delivered at least once, in any order, after `repairDelayMs`. If
 * `enqueue` throws `Unreachable`, the queue may or may not have taken the task. The same holds for
 * `enqueueSweep`.
 */
export interface RepairQueue {
	/** @param forged records that the repair is to move aside */
	enqueue(sessionId: SessionId, missing: readonly RepositoryName[], forged?: readonly ForgedRecord[]): Promise<void>;
	/** Asks for a repair of every session, because `missing` was set back. */
	enqueueSweep(missing: RepositoryName): Promise<void>;
}
