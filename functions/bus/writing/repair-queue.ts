import type { RepositoryName } from '../../session/repository-name.ts';
import type { SessionId } from '../../session/session.ts';

/**
 * A task is not delivered before this has passed: whoever queued it has marked the session by then, and a repository that
 * has just failed may have come back.
 */
export const repairDelayMs = 5_000;

/**
 * Port: the repositories that missed a write, and are to be given it later. When `enqueue` returns, the task is durable
 * and will be delivered at least once, in any order, after `repairDelayMs`. `Unreachable`: it may or may not have been taken.
 */
export interface RepairQueue {
	enqueue(sessionId: SessionId, missing: readonly RepositoryName[]): Promise<void>;
}
