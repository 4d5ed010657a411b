import type { Feed } from '../../control-table/feed.ts';
import type { Timing } from '../../control-table/timing.ts';
import type { SessionId } from '../../session/session.ts';
import { type Clock, elapsedMs } from '../../system/clock.ts';

/**
 * Announces a change to every instance; when this returns, each sync that begins from now on reads the entry.
 *
 * Readers reach back by a fixed overlap behind their last sync. An append that took longer than `feedAppendMs`, in a freeze
 * for instance, may have landed behind that, unseen; it is repeated with a later time until one was quick enough.
 * Dying in between leaves entries that make copies drop for nothing.
 * `too-slow`: none of `attemptsMax` appends was. @throws Unreachable when the feed does not answer.
 */
export async function announce(
	feed: Feed,
	clock: Clock,
	timing: Timing,
	change: Change,
): Promise<'announced' | 'too-slow'> {
	for (let attempt = 0; attempt < attemptsMax; attempt++) {
		const begun = clock.now();
		await feed.append({
			id: `${change.changeId}.${attempt}`,
			atMs: begun.wallMs,
			sessionId: change.sessionId,
			proofWanted: change.acknowledge,
		});
		if (elapsedMs(begun, clock.now()) <= timing.feedAppendMs) return 'announced';
	}
	return 'too-slow';
}

/** What instances are told: that this session changed. */
export interface Change {
	readonly sessionId: SessionId;
	/** Whether instances are to prove that they read of it. */
	readonly acknowledge: boolean;
	/** Names the change; announcing it again under the same name makes no copy drop twice. */
	readonly changeId: string;
}

const attemptsMax = 3;
