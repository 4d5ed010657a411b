import type { Session } from '../../../functions/session/session.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { attributeNames, createHistory, type SessionHistory, shownValue } from '../checks/history.ts';
import type { Judge } from '../checks/judge.ts';
import type { Subjects } from '../checks/subjects.ts';
import type { Witness } from '../checks/witness.ts';
import { epochMs, type Schedule } from '../engine/schedule.ts';
import type { Action } from './actions.ts';
import type { Cluster } from './cluster.ts';
import { given } from './settings.ts';

/** Logins of the simulated clients, with ID tokens that they may use again. */
export interface Logins {
	/** A login of the subject. `established` runs when the session is established. */
	begin(
		subject: string,
		options: {
			readonly established?: ((history: SessionHistory) => void) | undefined;
			readonly former?: SessionHistory;
		},
	): (server: SessionServer) => Promise<string>;
	/**
	 * The client of a session logs in again. The new session has the attributes of this one, which
	 * ends.
	 */
	readonly again: Action;
}

export interface LoginContext {
	readonly schedule: Schedule;
	readonly cluster: Cluster;
	readonly judge: Judge;
	readonly subjects: Subjects;
	readonly witness: Witness;
	readonly sessions: SessionHistory[];
}

export function createLogins(context: LoginContext, ended: (history: SessionHistory) => void): Logins {
	const { schedule, cluster, judge, subjects, witness, sessions } = context;
	/** The ID token of each subject's latest login. */
	const tokens = new Map<string, string>();
	const usedOnce = new Set<string>();
	let chosen = 0;

	/** One login in four tries the ID token of the subject's login before. */
	function chooseToken(subject: string): string {
		const former = tokens.get(subject);
		chosen++;
		if (former !== undefined && chosen % 4 === 0) return former;
		const digest = String(chosen).padStart(43, '0');
		tokens.set(subject, digest);
		return digest;
	}

	/**
	 * Only a login while the index was unavailable, which has no entry, may use a token again, and
	 * one whose token was forgotten with an index that was set back.
	 */
	function checkOnce(digest: string): void {
		if (usedOnce.has(digest) && !cluster.wasIndexSetBack()) witness.violated('I7', 'an ID token logged in twice');
		usedOnce.add(digest);
	}

	/** The attributes of the former session count as written to the new one. */
	function inherit(history: SessionHistory, former: SessionHistory, session: Session, begunAt: number): void {
		judge.inherited(former, session, begunAt);
		for (const attribute of attributeNames) {
			const value = shownValue(session, attribute);
			if (value !== undefined) history.writes.push({ attribute, value, begunAt, acknowledgedAt: schedule.now() });
		}
	}

	/** Any attribute of the former session may still arrive. */
	function mayInherit(history: SessionHistory, former: SessionHistory, begunAt: number): void {
		for (const { attribute, value } of former.writes)
			history.writes.push({ attribute, value, begunAt, acknowledgedAt: undefined });
	}

	const begin: Logins['begin'] = (subject, { established, former }) => {
		const tokenDigest = chooseToken(subject);
		return async (server) => {
			const createdAt = schedule.now();
			const login = subjects.loginBegins(subject);
			const authenticatedAtMs = Math.floor(epochMs + createdAt);
			const idToken = { digest: tokenDigest, expiresAtMs: authenticatedAtMs + 600_000 };
			const attributes = { origin: tokenDigest };
			const identity = { subject, ...given, authenticatedAtMs, attributes, idToken };
			if (former !== undefined) former.logoutBegunAt ??= createdAt;
			const loggedIn = await server.login(identity, former?.token);
			if (loggedIn.kind === 'quota-exceeded') login.answered('denied');
			if (loggedIn.kind !== 'established') return loggedIn.kind;
			// If the index did not answer, the login may still have marked sessions there.
			if (!cluster.isBeyondQuota(loggedIn.session.id)) login.answered('established');
			// A repair may have made the entry, while the answer was on its way.
			const hasEntry = cluster.subjects.entriesOf(subject).some(({ id }) => id === loggedIn.session.id);
			if (hasEntry && !cluster.isBeyondQuota(loggedIn.session.id)) checkOnce(tokenDigest);
			const { token, session, replaced } = loggedIn;
			if (cluster.isEndedUnstored(session.id))
				witness.violated('I1', `the login of ${session.id} was acknowledged after somebody had ended it`);
			const isReplaced = former !== undefined && replaced?.handle === former.id;
			const inherits = isReplaced && replaced.attributesLost !== true;
			const ownOrigins = inherits ? [] : [tokenDigest];
			const history = createHistory({
				id: session.id,
				subject,
				token,
				origins: isReplaced ? [...ownOrigins, ...former.origins] : ownOrigins,
				createdAt,
				establishedAt: schedule.now(),
				mayBeEnded: () => login.mayBeEnded(session.id),
			});
			history.lastUsedAt = schedule.now();
			if (loggedIn.carried !== undefined) history.carried.push(loggedIn.carried);
			sessions.push(history);
			if (inherits) inherit(history, former, session, createdAt);
			else if (isReplaced) mayInherit(history, former, createdAt);
			if (isReplaced && replaced.ended) {
				former.loggedOutAt ??= schedule.now();
				ended(former);
			}
			subjects.established(
				subject,
				sessions.filter((other) => other.subject === subject),
			);
			established?.(history);
			return `established ${history.id}${inherits ? ` in place of ${former.id}` : ''}`;
		};
	};

	return {
		begin,
		again: (former, server) => begin(former.subject, { former })(server),
	};
}
