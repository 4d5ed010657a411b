import type { Quota } from '../../functions/access/quota.ts';
import type { Bus } from '../../functions/bus/bus.ts';
import type { AnswerOf } from '../../functions/protocol/answers.ts';
import type { Session, SessionId } from '../../functions/session/session.ts';
import { exampleSession } from './example-session.ts';
import { freshSessionId } from './fresh-ids.ts';

export const subject = 'issuer:alice';

/** A session of the subject, created at `nowMs`. */
export function sessionAt(nowMs: number, differing: Partial<Session> = {}): Session {
	return exampleSession({
		id: freshSessionId(),
		subject,
		createdAtMs: nowMs,
		lastSeenAtMs: nowMs,
		absoluteExpiresAtMs: nowMs + 3_600_000,
		...differing,
	});
}

export function create(bus: Bus, session: Session, quota: Quota) {
	return bus({ operation: 'create', session, quota });
}

/** The message that follows the answer `index-unavailable`. */
export function createWithoutIndex(bus: Bus, session: Session, quota: Quota) {
	return bus({ operation: 'create', session, quota, withoutIndex: true });
}

export function endAll(bus: Bus, nowMs: number, except?: SessionId) {
	return bus({
		operation: 'revokeSubject',
		subject,
		revocation: { atMs: nowMs, reason: 'administration' },
		changeId: `end-${nowMs}`,
		...(except === undefined ? {} : { except }),
	});
}

/**
 * The ids of the listed sessions.
 *
 * @throws when the answer is not a list.
 */
export async function listed(bus: Bus, of = subject): Promise<SessionId[]> {
	const answer = await bus({ operation: 'list', subject: of });
	if (answer.kind !== 'listed') throw new Error(`the answer is not a list: ${answer.kind}`);
	return (answer satisfies AnswerOf<'listed'>).sessions.map(({ id }) => id);
}

/** The sessions that are live according to the repositories. */
export async function liveOf(bus: Bus, sessions: readonly Session[]): Promise<SessionId[]> {
	const answers = await Promise.all(
		sessions.map(({ id }) => bus({ operation: 'read', sessionId: id, demand: 'strict' })),
	);
	return sessions.flatMap(({ id }, index) => (answers[index]?.kind === 'found' ? [id] : []));
}
