import type { Timing } from '../../control-table/timing.ts';
import { withActivity } from '../../session/lifetime.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { describeError } from '../../system/log.ts';
import type { Instance } from '../instance.ts';
import { nobody } from '../request.ts';

/**
 * Records that a session was used at `atMs`. Returns at once and reports to the bus in the
 * background. Activity that is not reported in time shortens the idle life of the session (I7).
 */
export type RecordActivity = (session: Session, atMs: number) => void;

/** Activity in memory advances in steps of this length, so most requests change nothing. */
const stepMs = 1_000;

/**
 * The largest part of its idle life that a session loses with the unreported activity of an
 * instance.
 */
const idleLifePart = 1 / 12;

/**
 * The time between two reports of activity, in milliseconds. A report writes to every repository,
 * so reports are rare. Every repository gets each report, so the loss of a repository costs no more
 * of the idle life than the loss of an instance.
 */
export function touchIntervalMs(session: Session, timing: Timing): number {
	return Math.min(timing.touchIntervalMs, session.idleTimeoutMs * idleLifePart);
}

export function createActivity(instance: Instance): RecordActivity {
	const { askBus, copies, log, timing } = instance;
	/** The sessions for which a report is under way. */
	const reporting = new Set<SessionId>();

	async function report(sessionId: SessionId, seenAtMs: number): Promise<void> {
		const answer = await askBus(nobody(), 'touch', { sessionId, seenAtMs });
		const copy = copies.find(sessionId);
		if (answer.kind === 'found' && copy !== undefined)
			copy.reportedSeenAtMs = Math.max(copy.reportedSeenAtMs, answer.session.lastSeenAtMs);
	}

	return (session, atMs) => {
		const copy = copies.find(session.id);
		if (copy !== undefined && atMs - copy.session.lastSeenAtMs >= stepMs)
			copy.session = withActivity(copy.session, atMs);
		const reportedSeenAtMs = copy?.reportedSeenAtMs ?? session.lastSeenAtMs;
		if (atMs - reportedSeenAtMs <= touchIntervalMs(session, timing) || reporting.has(session.id)) return;
		reporting.add(session.id);
		report(session.id, atMs)
			.catch((error) => log('error', 'activity could not be reported', describeError(error)))
			.finally(() => reporting.delete(session.id));
	};
}
