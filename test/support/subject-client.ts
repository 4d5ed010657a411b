import type { Quota } from '../../functions/access/quota.ts';
import type { Bus } from '../../functions/bus/bus.ts';
import type { AnswerOf } from '../../functions/protocol/answers.ts';
import type { Asker } from '../../functions/protocol/fields/asker.ts';
import type { Repository } from '../../functions/repositories/repository.ts';
import type { Revocation, Session, SessionId } from '../../functions/session/session.ts';
import { exampleSession, exampleSessionId, exampleStartMs } from './example-session.ts';
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

/** A session as the one that asks. */
export function askerOf({ id, credential }: Session): Asker {
	return { sessionId: id, secretHash: credential.secretHash };
}

/**
 * A session of the subject that the index does not know, so it is in no list, and no end of all
 * others ends it. Services in memory have it.
 */
const watcher = exampleSession({ id: exampleSessionId(250), subject, absoluteExpiresAtMs: exampleStartMs * 2 });

/** Stores such a session of any subject, and returns it as the one that asks. */
export async function storeWatcher(repositories: readonly Repository[], of = subject): Promise<Asker> {
	const session = of === subject ? watcher : { ...watcher, id: freshSessionId(), subject: of };
	await Promise.all(repositories.map(({ merge }) => merge(session.id, () => session)));
	return askerOf(session);
}

export function logOut(bus: Bus, session: Session, revocation: Revocation, changeId = 'out') {
	const about = { sessionId: session.id, asker: askerOf(session) };
	return bus({ operation: 'revoke', ...about, revocation: { ...revocation }, changeId, proofWanted: false });
}

/** Ends all sessions of the subject but the asking one. */
export function endAll(bus: Bus, nowMs: number, asker: Asker = askerOf(watcher)) {
	return bus({
		operation: 'revokeSubject',
		asker,
		revocation: { atMs: nowMs, reason: 'administration' },
		changeId: `end-${nowMs}`,
	});
}

export function list(bus: Bus, asker: Asker = askerOf(watcher)) {
	return bus({ operation: 'list', asker });
}

/**
 * The ids of the listed sessions.
 *
 * @throws when the answer is not a list.
 */
export async function listed(bus: Bus, asker?: Asker): Promise<SessionId[]> {
	const answer = await list(bus, asker);
	if (answer.kind !== 'listed') throw new Error(`the answer is not a list: ${answer.kind}`);
	return (answer satisfies AnswerOf<'listed'>).sessions.map(({ id }) => id);
}

/** The sessions that are live according to the repositories. */
export async function liveOf(bus: Bus, sessions: readonly Session[]): Promise<SessionId[]> {
	const answers = await Promise.all(
		sessions.map((session) => bus({ operation: 'read', ...askerOf(session), demand: 'strict' })),
	);
	return sessions.flatMap(({ id }, index) => (answers[index]?.kind === 'found' ? [id] : []));
}
