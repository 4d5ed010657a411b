import { touchIntervalMs, withActivity } from '../../session/lifetime.ts';
import type { SessionId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError } from '../../system/log.ts';
import type { Instance } from '../instance.ts';
import type { Used } from '../memory/uses.ts';
import { nobody } from '../request.ts';

/**
 * Records that a session was used at `atMs`. The use is kept while the instance lives,
 * and travels with the next message about the session. If a report to the bus is due, it begins,
 * and nobody waits for its answer.
 *
 * @returns if a report has begun, a promise that the caller awaits before it answers. It resolves
 * when the operating system has the whole message, so the message arrives even if the environment
 * freezes with the answer. It resolves without that if the message could not be sent within
 * `departureMs`; the next use reports again.
 */
export type RecordActivity = (used: Used, atMs: number) => Promise<void> | undefined;

/** Activity of copies advances in steps of this length, so most requests make no new object. */
const stepMs = 1_000;

/** A message leaves within a millisecond, or within some ten if it needs a new connection. */
const departureMs = 100;

/** The time between two repeated reports, if no use of their sessions repeats them before. */
const repeatAfterMs = 5_000;

export function createActivity(
	instance: Pick<Instance, 'askBus' | 'clock' | 'copies' | 'log' | 'timing' | 'uses'>,
): RecordActivity {
	const { askBus, clock, copies, log, timing, uses } = instance;
	/** The sessions for which a report is under way. */
	const reporting = new Set<SessionId>();
	/** The sessions whose last report failed. */
	const failed = new Set<SessionId>();
	let repeatedAt: Instant | undefined;

	async function report(sessionId: SessionId, departed: () => void): Promise<void> {
		const use = uses.toReport(sessionId);
		failed.delete(sessionId);
		if (use === undefined) return;
		const answer = await askBus(nobody(), 'touch', { sessionId, ...use }, undefined, departed);
		if (answer.kind === 'found') uses.reported(sessionId, answer.session.lastSeenAtMs);
		else if (answer.kind === 'unavailable') failed.add(sessionId);
		else {
			copies.drop(sessionId);
			uses.forget(sessionId);
		}
	}

	function begin(sessionId: SessionId): Promise<void> {
		reporting.add(sessionId);
		return new Promise((departed) => {
			report(sessionId, departed)
				.catch((error) => log('error', 'activity could not be reported', describeError(error)))
				.finally(() => {
					reporting.delete(sessionId);
					departed();
				});
			void clock.delay(departureMs).then(departed);
		});
	}

	/** A session whose use should be reported with this request, though another one is used. */
	function findOverdue(): SessionId | undefined {
		const tooMany = uses.tooMany();
		if (tooMany !== undefined || failed.size === 0) return tooMany;
		const now = clock.now();
		if (repeatedAt !== undefined && elapsedMs(repeatedAt, now) < repeatAfterMs) return undefined;
		repeatedAt = now;
		const [first] = failed;
		return first;
	}

	return (used, atMs) => {
		const { session } = used;
		const use = uses.add(used, atMs);
		const copy = copies.find(session.id);
		if (copy !== undefined && atMs - copy.session.lastSeenAtMs >= stepMs)
			copy.session = withActivity(copy.session, atMs);
		const isDue = use !== undefined && atMs - use.reportedMs > touchIntervalMs(session, timing);
		const due = isDue ? session.id : findOverdue();
		return due === undefined || reporting.has(due) ? undefined : begin(due);
	};
}
