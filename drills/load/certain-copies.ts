import type { ClientAnswer, ClientSession } from './clients.ts';

/**
 * Tells which instances certainly have a copy of a session in memory, judging by their earlier
 * answers.
 */
export interface CertainCopies {
	/** Learns from an answer. */
	learn(answer: ClientAnswer, session: ClientSession): void;
	/** Whether the instance that gave this answer certainly had a copy when it was asked. */
	had(answer: ClientAnswer, session: ClientSession): boolean;
}

/**
 * An instance that decided from memory has a copy and keeps it until the session changes. It drops
 * the copy when it reads of the change in the feed. So its answers within one staleness bound after
 * the latest change prove nothing.
 */
export function createCertainCopies(maxStalenessMs: number): CertainCopies {
	const seenMs = new Map<string, number>();
	const key = (process: string | undefined, { handle }: ClientSession) => `${process} ${handle}`;

	return {
		learn: ({ evidence, process, sentAtMs }, session) => {
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
