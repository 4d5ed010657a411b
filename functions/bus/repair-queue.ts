import type { RepositoryName } from '../repositories/repository.ts';
import type { SessionId } from '../session/session.ts';

/**
 * Port: the repositories that missed a write, and are to be given it later. When `enqueue` returns, the task is durable
 * and will be delivered at least once, in any order. `Unreachable`: it may or may not have been taken.
 */
export interface RepairQueue {
	enqueue(sessionId: SessionId, missing: readonly RepositoryName[]): Promise<void>;
}
