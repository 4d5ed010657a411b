import type { Repository } from '../../repositories/repository.ts';
import type { SessionId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError, type Log } from '../../system/log.ts';
import type { RepairQueue } from '../writing/repair-queue.ts';

/** A session that is read often would fill the queue, and one repair is enough. */
const reportAgainMs = 60_000;
/** Forgetting one costs a message. */
const reportedMax = 1_000;

/**
 * The repositories, whose corrupt records are reported and have their repair queued when a load meets one. The load waits for
 * nothing of that: it is answered from another repository. A record of a later schema is no repair's business.
 */
export function reportCorrupt(
	repositories: readonly Repository[],
	{ repairs, clock, log }: { readonly repairs: RepairQueue; readonly clock: Clock; readonly log: Log },
): readonly Repository[] {
	const reported = createBoundedMap<SessionId, Instant>(reportedMax);

	async function report({ name }: Repository, sessionId: SessionId): Promise<void> {
		const before = reported.get(sessionId);
		if (before !== undefined && elapsedMs(before, clock.now()) < reportAgainMs) return;
		reported.set(sessionId, clock.now());
		log('error', 'a record is corrupt', { repository: name, sessionId });
		try {
			await repairs.enqueue(sessionId, [name]);
		} catch (error) {
			reported.delete(sessionId);
			log('warn', 'the repair of a corrupt record could not be queued', { sessionId, ...describeError(error) });
		}
	}

	return repositories.map((repository) => ({
		...repository,
		load: async (id) => {
			const loaded = await repository.load(id);
			if (loaded.kind === 'failed' && loaded.reason === 'corrupt') void report(repository, id);
			return loaded;
		},
	}));
}
