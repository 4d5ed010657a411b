import type { Timing } from '../../control-table/timing.ts';
import { withActivity } from '../../session/changes.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { describeError } from '../../system/log.ts';
import type { Instance } from '../instance.ts';
import { nobody } from '../request.ts';

/** Notes that a session was used at `atMs`. Never waits: what is not reported in time shortens the idle life (I7). */
export type RecordActivity = (session: Session, atMs: number) => void;

/** Activity in memory moves in steps of this, so that most requests change nothing at all. */
const stepMs = 1_000;

/** What a lost instance has not reported may cost a client this part of its idle life. */
const idleLifePart = 1 / 12;

/**
 * A report is a write in every repository, so reports are rare; and each repository gets all of them, so that losing one logs
 * nobody out earlier than losing an instance does.
 */
export function touchIntervalMs(session: Session, timing: Timing): number {
	return Math.min(timing.touchIntervalMs, session.idleTimeoutMs * idleLifePart);
}

export function createActivity(instance: Instance): RecordActivity {
	const { askBus, copies, log, timing } = instance;
	/** Sessions with a report under way. */
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
