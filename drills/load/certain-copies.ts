import type { Answered, ClientSession } from './clients.ts';

/** Which instances certainly have a copy of a session in memory, by what they answered before. */
export interface CertainCopies {
	/** Learns from an answer. */
	note(answered: Answered, session: ClientSession): void;
	/** Whether the instance that gave this answer had a copy when it was asked. */
	had(answered: Answered, session: ClientSession): boolean;
}

/**
 * An instance that decided from memory has a copy, and keeps it until the session changes. A change costs it the copy when it
 * reads of it in the feed, so what it did within one staleness bound after the latest change says nothing.
 */
export function createCertainCopies(maxStalenessMs: number): CertainCopies {
	const seenMs = new Map<string, number>();
	const key = (process: string | undefined, { handle }: ClientSession) => `${process} ${handle}`;

	return {
		note: ({ evidence, process, sentAtMs }, session) => {
			if (evidence?.source === 'memory') seenMs.set(key(process, session), sentAtMs);
		},
		had: ({ process, sentAtMs }, session) => {
			const sinceMs = seenMs.get(key(process, session));
			if (sinceMs === undefined || sinceMs >= sentAtMs || session.logoutBegunMs !== undefined) return false;
			const { lastChange } = session;
			return lastChange === undefined || (lastChange.endedMs ?? sinceMs) + maxStalenessMs < sinceMs;
		},
	};
}
