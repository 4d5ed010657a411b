import { lifeOf } from '../../../functions/session/lifetime.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import { epochMs } from '../engine/schedule.ts';
import type { Cluster } from '../world/cluster.ts';
import { timing } from '../world/settings.ts';
import type { SessionHistory } from './history.ts';
import type { Witness } from './witness.ts';

/** A login whose outcome is not known yet. */
export interface BegunLogin {
	/** Whether other logins or sessions may have ended the login's session by now. */
	mayBeEnded(sessionId: SessionId): boolean;
	/**
	 * The login was answered. A login with any other outcome may still take effect and end
	 * sessions.
	 */
	answered(how: 'established' | 'denied'): void;
}

/** Checks that hold for all sessions of one subject together. */
export interface Subjects {
	/** A login of the subject reaches a server. */
	loginBegins(subject: string): BegunLogin;
	/**
	 * A login was acknowledged. Checks that no more of `sessions` are in use than the quota allows.
	 */
	established(subject: string, sessions: readonly SessionHistory[]): void;
	/** Repairs have drained. Checks that every live session is in its subject's index. */
	drained(sessions: readonly SessionHistory[]): void;
	/**
	 * If `asker` asks now to end all other sessions, these have to end. Call the function when that
	 * is acknowledged: if the index was set back meanwhile, nobody can say which ones it showed.
	 */
	within(asker: SessionHistory, sessions: readonly SessionHistory[]): () => readonly SessionHistory[];
}

/** An end reaches sessions created by the time of the request, as told by clocks that differ. */
const reachMs = 2 * timing.skewMs;
/** Clocks that do not agree are up to a minute apart. */
const wildReachMs = 60_000;

export function createSubjects(cluster: Cluster, witness: Witness, now: () => number, clocksAgree: boolean): Subjects {
	const { quota, subjects } = cluster;
	const { truth } = witness;
	/** Logins that may still end sessions, because their outcome is not known. */
	const open = new Map<string, number>();

	function recordOf(id: SessionId): Session | undefined {
		const [a, b] = [truth.states('dynamodb', id).at(-1), truth.states('s3', id).at(-1)];
		return a === undefined || b === undefined ? (a ?? b) : merge(a, b);
	}

	/**
	 * Any login that has begun may still be on its way, for example in a frozen bus, and end
	 * sessions later.
	 */
	function quotaMayEnd(subject: string): boolean {
		return quota.action !== 'deny' && truth.sessionsAskedFor(subject) > quota.max;
	}

	/** Certainly in use: clocks differ, and activity that is reported late prolongs a session. */
	function isInUse(id: SessionId): boolean {
		if (cluster.isBeyondQuota(id) || truth.isRevived(id)) return false;
		const record = recordOf(id);
		return record !== undefined && lifeOf(record, epochMs + now() + reachMs) === 'live';
	}

	return {
		loginBegins: (subject) => {
			const createdAt = now();
			add(open, subject, 1);
			return {
				mayBeEnded: (sessionId) =>
					quotaMayEnd(subject) ||
					truth
						.endsOf(subject)
						.some(({ at, except }) => except !== sessionId && at + (clocksAgree ? reachMs : wildReachMs) > createdAt),
				answered: (how) => {
					add(open, subject, -1);
					const asked = truth.sessionsAskedFor(subject);
					if (how === 'denied' && asked <= quota.max)
						witness.violated('quota', `${subject} was turned away at session ${asked}`);
				},
			};
		},
		established: (subject, sessions) => {
			if (!clocksAgree) return;
			const entries = new Map(subjects.entriesOf(subject).map((entry) => [entry.id, entry]));
			const inUse = sessions.filter(({ id }) => isInUse(id));
			for (const { id } of inUse)
				if (!entries.has(id)) witness.violated('quota', `${id} is in use, and not in the index of ${subject}`);
			// The sessions that a login decided to end have ended when the login is acknowledged.
			// Other logins and requests may not have ended theirs yet.
			const counted = inUse.filter(({ id }) => {
				if (cluster.wasMoved(id)) return false;
				const ending = entries.get(id)?.ending;
				return ending === undefined || (ending === 'quota' && count(open, subject) === 0);
			});
			if (counted.length > quota.max) witness.violated('quota', `${subject} has ${counted.length} sessions at once`);
		},
		drained: (sessions) => {
			for (const { id, subject } of sessions) {
				const record = recordOf(id);
				if (!clocksAgree || record === undefined || record.revocation !== undefined) continue;
				if (epochMs + now() + reachMs > record.absoluteExpiresAtMs) continue;
				const entries = subjects.entriesOf(subject);
				if (!entries.some((entry) => entry.id === id))
					witness.violated('quota', `${id} is not in the index of ${subject}`);
			}
		},
		within: (asker, sessions) => {
			if (!clocksAgree) return () => [];
			const before = cluster.wasIndexSetBack();
			const unmarked = subjects.entriesOf(asker.subject).filter(({ ending }) => ending === undefined);
			const within = sessions.filter((other) => other !== asker && unmarked.some(({ id }) => id === other.id));
			return () => (cluster.wasIndexSetBack() === before ? within : []);
		},
	};
}

function count(counts: ReadonlyMap<string, number>, subject: string): number {
	return counts.get(subject) ?? 0;
}

function add(counts: Map<string, number>, subject: string, by: number): void {
	counts.set(subject, count(counts, subject) + by);
}
