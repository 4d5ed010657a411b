import type { Session } from '../../../functions/session/session.ts';
import { versionOf } from '../../../functions/session/version.ts';
import type { Evidence } from '../../../functions/session-server/finding/evidence.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import type { AttributeName, SessionHistory } from '../checks/history.ts';
import type { Judge } from '../checks/judge.ts';
import type { Subjects } from '../checks/subjects.ts';
import type { Witness } from '../checks/witness.ts';
import type { Node } from '../engine/node.ts';
import type { Random } from '../engine/random.ts';
import type { Schedule } from '../engine/schedule.ts';

/**
 * Something that a client does with its session at a server. Judges the answer and returns it in
 * words.
 */
export type Action = (history: SessionHistory, server: SessionServer, begunAt: number, by: Node) => Promise<string>;

/** These count as use even if their answer is lost. */
export const usingActions = new Set([
	'update',
	'cart',
	'update of what was seen',
	'update of the same',
	'one ended',
	'others ended',
	'login again',
]);

export interface Actions {
	authorize(service: 'drafts' | 'vault' | 'admin'): Action;
	/** Presents the latest copy, for a bounded service. */
	readonly carry: Action;
	readonly view: Action;
	readonly update: Action;
	logOut(confirm?: 'everywhere'): Action;
	readonly endOthers: Action;
	/** Changes the session if it still has this version. The attribute is drawn by default. */
	updateIf(version: string, attribute?: AttributeName): Action;
	/** Draws one of the actions, weighted by how often clients do it, with its name. */
	choose(): [string, Action];
	/** The session counts as used until now. */
	used(history: SessionHistory): void;
}

export interface ActionContext {
	readonly schedule: Schedule;
	readonly random: Random;
	readonly judge: Judge;
	readonly subjects: Subjects;
	readonly witness: Witness;
	/** Every session so far. */
	readonly sessions: readonly SessionHistory[];
}

/** Operations that follow on others. */
interface FollowUps {
	changed(history: SessionHistory): void;
	ended(history: SessionHistory): void;
	/** Another client saw the same version at this moment. */
	seen(history: SessionHistory, action: Action): void;
	/** The client logs in with its session. */
	readonly again: Action;
}

export function createActions(context: ActionContext, after: FollowUps): Actions {
	const { schedule, random, judge, subjects, witness, sessions } = context;

	let values = 0;

	function used(history: SessionHistory): void {
		history.lastUsedAt = Math.max(history.lastUsedAt, schedule.now());
	}

	function judgeAnswer(
		history: SessionHistory,
		answer: { readonly session: Session; readonly evidence: Evidence },
		strict: boolean,
		arrivedAt: number,
	): void {
		judge.evidence(answer.evidence, answer.session, arrivedAt);
		judge.allowed({ history, ...answer, strict, arrivedAt, at: schedule.now() });
	}

	/**
	 * Half of the requests carry a copy: mostly the latest, sometimes an old one or that of another
	 * session.
	 */
	function presented(history: SessionHistory): string | undefined {
		if (random.chance(0.5)) return undefined;
		const draw = random.unit();
		if (draw < 0.03) return random.pick(sessions).carried.at(-1);
		if (draw < 0.3 && history.carried.length > 0) return random.pick(history.carried);
		return history.carried.at(-1);
	}

	function given(history: SessionHistory, carried: string | undefined): void {
		if (carried !== undefined) history.carried.push(carried);
	}

	function authorize(service: 'drafts' | 'vault' | 'admin', present = presented): Action {
		return async (history, server, arrivedAt, by) => {
			const decision = await server.authorize(history.token, service, present(history));
			if (decision.kind === 'allowed') {
				given(history, decision.carried);
				judgeAnswer(history, decision, service === 'vault', arrivedAt);
				if (service === 'admin') witness.violated('I8', `${history.id} was allowed what its scopes do not allow`);
				used(history);
				judge.used(history, by, arrivedAt);
				return `allowed (${decision.evidence.source})`;
			}
			if (decision.kind === 'refused')
				judge.refused(history, decision.code, arrivedAt, schedule.now(), by, decision.evidence);
			return decision.kind === 'refused' ? decision.code : decision.kind;
		};
	}

	const carry = authorize('drafts', ({ carried }) => carried.at(-1));

	const view: Action = async (history, server, arrivedAt, by) => {
		const before = history.known.get(by)?.shownMs ?? 0;
		const viewed = await server.view(history.token);
		if (viewed.kind === 'found') {
			given(history, viewed.carried);
			judgeAnswer(history, viewed, false, arrivedAt);
			judge.shown(history, by, viewed.session, before);
		} else if (viewed.kind === 'refused')
			judge.refused(history, viewed.code, arrivedAt, schedule.now(), by, viewed.evidence);
		return viewed.kind === 'refused' ? viewed.code : viewed.kind;
	};

	/** @param version change the session only if it has this version */
	async function change(
		attribute: AttributeName,
		value: string | undefined,
		version: string | undefined,
		...[history, server, arrivedAt, by]: Parameters<Action>
	): Promise<string> {
		const write = { attribute, value, begunAt: arrivedAt, acknowledgedAt: undefined as number | undefined };
		history.writes.push(write);
		const before = history.known.get(by)?.shownMs ?? 0;
		const updated = await server.update(history.token, { [attribute]: value ?? null }, version);
		// The session was live and in use at some time until now, even if the change failed.
		if (updated.kind !== 'refused') used(history);
		if (updated.kind === 'updated') {
			write.acknowledgedAt = schedule.now();
			given(history, updated.carried);
			judge.used(history, by, arrivedAt);
			judge.shown(history, by, updated.session, before);
			if (version !== undefined) judge.changed(history, version);
			if (random.chance(0.3)) after.changed(history);
		} else if (updated.kind === 'refused') judge.refused(history, updated.code, arrivedAt, schedule.now(), by);
		return `${attribute} ${value} ${updated.kind === 'refused' ? updated.code : updated.kind}`;
	}

	const update: Action = (...request) => change('draft', `v${values++}`, undefined, ...request);

	/** Fills the cart, or empties it by a deletion. */
	const fill: Action = (...request) =>
		change('cart', random.chance(0.3) ? undefined : `c${values++}`, undefined, ...request);

	function updateIf(version: string, attribute: AttributeName = random.chance(0.5) ? 'draft' : 'cart'): Action {
		return (...request) => change(attribute, `w${values++}`, version, ...request);
	}

	/** Looks at the session and changes what it saw. Others may have seen the same. */
	const updateSeen: Action = async (history, server, arrivedAt, by) => {
		const viewed = await server.view(history.token);
		if (viewed.kind !== 'found') return viewed.kind === 'refused' ? viewed.code : viewed.kind;
		judgeAnswer(history, viewed, false, arrivedAt);
		const version = versionOf(viewed.session);
		for (let rivals = random.between(0, 2); rivals > 0; rivals--) after.seen(history, updateIf(version));
		return updateIf(version)(history, server, schedule.now(), by);
	};

	function logOut(confirm?: 'everywhere'): Action {
		return async (history, server, arrivedAt, by) => {
			history.logoutBegunAt ??= arrivedAt;
			const ended = await server.logout(history.token, confirm, presented(history));
			if (ended.kind === 'refused') {
				judge.refused(history, ended.code, arrivedAt, schedule.now(), by);
				return ended.code;
			}
			if (ended.kind !== 'ended') return ended.kind;
			history.loggedOutAt ??= schedule.now();
			after.ended(history);
			if (ended.everywhere?.confirmed) history.confirmedAt ??= schedule.now();
			return `logged out${ended.complete ? '' : ', degraded'}${ended.everywhere?.confirmed ? ', confirmed' : ''}`;
		};
	}

	/** With the acknowledgement, all other sessions that are in the index have ended. */
	const endOthers: Action = async (history, server, arrivedAt, by) => {
		const others = subjects.within(history, sessions);
		const answer = await server.endOthers(history.token);
		if (answer.kind === 'refused') judge.refused(history, answer.code, arrivedAt, schedule.now(), by);
		else used(history);
		if (answer.kind !== 'ended') return answer.kind === 'refused' ? answer.code : answer.kind;
		for (const other of others()) {
			other.logoutBegunAt ??= arrivedAt;
			other.loggedOutAt ??= schedule.now();
			after.ended(other);
		}
		return `${answer.ended} ended${answer.complete ? '' : ', degraded'}`;
	};

	/** Ends one of the subject's other sessions, which may have ended before. */
	const endOne: Action = async (history, server, arrivedAt, by) => {
		const others = sessions.filter((other) => other.subject === history.subject && other !== history);
		if (others.length === 0) return 'has no other';
		const other = random.pick(others);
		other.logoutBegunAt ??= arrivedAt;
		const ended = await server.endOne(history.token, other.id);
		if (ended.kind === 'refused') judge.refused(history, ended.code, arrivedAt, schedule.now(), by);
		else used(history);
		if (ended.kind === 'no-such-session')
			witness.violated('I8', `${history.subject} was told that ${other.id} is unknown`);
		if (ended.kind !== 'ended') return ended.kind === 'refused' ? ended.code : ended.kind;
		other.loggedOutAt ??= schedule.now();
		after.ended(other);
		return `${other.id} ended${ended.complete ? '' : ', degraded'}`;
	};

	/** A list must not show a session that had ended before the client asked for the list. */
	const list: Action = async (history, server, arrivedAt, by) => {
		const listed = await server.listSessions(history.token);
		if (listed.kind === 'refused') judge.refused(history, listed.code, arrivedAt, schedule.now(), by);
		if (listed.kind !== 'listed') return listed.kind === 'refused' ? listed.code : listed.kind;
		given(history, listed.carried);
		judge.evidence(listed.evidence, listed.current, arrivedAt);
		judge.listed(
			sessions.filter(({ id }) => listed.sessions.some((session) => session.id === id)),
			history,
			arrivedAt,
		);
		return `${listed.sessions.length} sessions`;
	};

	function choose(): [string, Action] {
		const draw = random.unit();
		if (draw < 0.52) return ['drafts', authorize('drafts')];
		if (draw < 0.62) return ['vault', authorize('vault')];
		if (draw < 0.65) return ['admin', authorize('admin')];
		if (draw < 0.76) return ['view', view];
		if (draw < 0.77) return ['login again', after.again];
		if (draw < 0.83) return ['update', update];
		if (draw < 0.86) return ['cart', fill];
		if (draw < 0.885) return ['update of what was seen', updateSeen];
		if (draw < 0.89) return ['one ended', endOne];
		if (draw < 0.9) return ['others ended', endOthers];
		if (draw < 0.91) return ['list', list];
		if (draw < 0.95) return ['logout', logOut()];
		return ['logout, confirmed', logOut('everywhere')];
	}

	return { authorize, carry, view, update, updateIf, logOut, endOthers, choose, used };
}
