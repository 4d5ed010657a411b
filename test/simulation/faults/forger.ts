import type { Repository } from '../../../functions/repositories/repository.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { SecretHash, Session, SessionId } from '../../../functions/session/session.ts';
import type { Observer } from '../checks/observer.ts';
import type { Random } from '../engine/random.ts';
import type { Schedule } from '../engine/schedule.ts';
import { subjects } from '../world/settings.ts';

/**
 * Somebody who changes what one repository says of sessions, for a while. It is not a fault: the
 * other repository has the genuine records, so no request may notice.
 */
export interface Forger {
	/**
	 * The repository as buses reach it.
	 *
	 * @param isMarked whether a marker says that the repository missed a change of the session
	 */
	over(repository: Repository, isMarked: (missing: RepositoryName, id: SessionId) => boolean): Repository;
	/**
	 * Whether a bus was told that the session is another subject's. It cannot know then whether the
	 * session counts.
	 */
	hasMoved(id: SessionId): boolean;
}

/** Each raises what the session may do, or takes the session away from its client. */
const forgeries: readonly ((session: Session) => Session)[] = [
	(session) => withCredential(session, { assuranceLevel: 3 }),
	(session) => withCredential(session, { scopes: ['admin', 'read'] }),
	(session) => withCredential(session, { generation: 2, assuranceLevel: 3, scopes: ['admin', 'read'] }),
	(session) => withCredential(session, { generation: 3, secretHash: 'f'.repeat(43) as SecretHash }),
	(session) => ({ ...session, subject: subjects.find((subject) => subject !== session.subject) ?? session.subject }),
	(session) => ({ ...session, absoluteExpiresAtMs: session.absoluteExpiresAtMs + 86_400_000 }),
];

const forMs = 12_000;

/** Most reads take less. */
const readMs = 1_000;

/** A read takes less time from its look to its last load. */
const forgottenMs = 2_000;

/**
 * @param storedSince since when the repository has had the session. If the other one has not, the
 * bus stores there what it read, and nobody has a genuine record any more
 */
export function createForger(
	random: Random,
	schedule: Schedule,
	workMs: number,
	trace: Observer['trace'],
	storedSince: (name: RepositoryName, id: SessionId) => number | undefined,
): Forger {
	const name: RepositoryName = random.pick(['dynamodb', 's3', 'dynamodb']);
	const beginsAt = random.unit() * (workMs - forMs);
	const shift = random.between(0, forgeries.length - 1);
	const other = name === 's3' ? 'dynamodb' : 's3';
	const doubtedAt = new Map<SessionId, number>();
	const moved = new Set<SessionId>();
	/** A read under way may have found nothing in the other repository just before that had it. */
	const forges = (id: SessionId) =>
		schedule.now() >= beginsAt &&
		schedule.now() < beginsAt + forMs &&
		schedule.now() >= (storedSince(other, id) ?? Number.POSITIVE_INFINITY) + readMs;

	/** The same session is always forged in the same way. A tombstone would allow nothing. */
	function forgeryOf(session: Session): Session {
		if (session.revocation !== undefined) return session;
		const forge = forgeries[(session.id.charCodeAt(0) + shift) % forgeries.length];
		return Object.freeze(forge?.(session) ?? session);
	}

	schedule.at(beginsAt, () => trace?.(() => `*** the records in ${name} are forged for ${forMs} ms`));
	return {
		hasMoved: (id) => moved.has(id),
		over: (repository, isMarked) => {
			if (repository.name !== name) return repository;
			return {
				...repository,
				load: async (id) => {
					const loaded = await repository.load(id);
					// While the other one is in doubt, its record does not count alone.
					if (isMarked(other, id)) doubtedAt.set(id, schedule.now());
					const isAlone = schedule.now() < (doubtedAt.get(id) ?? Number.NEGATIVE_INFINITY) + forgottenMs;
					if (loaded.kind !== 'found' || isAlone || !forges(id)) return loaded;
					const session = forgeryOf(loaded.session);
					if (session.subject !== loaded.session.subject) moved.add(id);
					return { ...loaded, session };
				},
			};
		},
	};
}

function withCredential(session: Session, differing: Partial<Session['credential']>): Session {
	return { ...session, credential: Object.freeze({ ...session.credential, ...differing }) };
}
