import { versionOf } from '../../../functions/session/version.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { Judge } from '../checks/judge.ts';
import type { Subjects } from '../checks/subjects.ts';
import type { Witness } from '../checks/witness.ts';
import type { Node } from '../engine/node.ts';
import type { Random } from '../engine/random.ts';
import type { Schedule } from '../engine/schedule.ts';
import { epochMs } from '../engine/schedule.ts';
import { type Action, createActions, usingActions } from './actions.ts';
import type { Cluster, Slot } from './cluster.ts';
import { createLogins } from './logins.ts';
import { subjects as people, timeouts, timing } from './settings.ts';

/** Clients that log in, use services, change attributes and log out, and remember every answer. */
export interface Clients {
	readonly sessions: readonly SessionHistory[];
	/** Operations that were begun. */
	begun(): number;
	/** Operations that were answered at the server. */
	answered(): number;
	/**
	 * Logs in at any server and as any subject by default. `then` runs when the session is
	 * established.
	 */
	logIn(at?: Slot<SessionServer>, then?: (history: SessionHistory) => void, subject?: string): void;
	/** Logs in at a server. Visits leave the session alone, so it is used there only. */
	logInApart(at: Slot<SessionServer>, then: (history: SessionHistory) => void): void;
	/** Several logins of one subject at the same moment. */
	crowd(): void;
	/**
	 * Logs in, and leaves the session alone until it is nearly idle. Then the server whose clock is
	 * ahead refuses it, the one whose clock is behind lets it in, and both are asked again.
	 */
	brink(): void;
	/** Uses a session at a server, for a strict service or by changing it. */
	use(history: SessionHistory, slot: Slot<SessionServer>, how: 'strictly' | 'changing'): void;
	/**
	 * Returns a function that changes a session at a server if it still has the version of now. The
	 * first change is of another attribute than all others, so none of them hides it.
	 */
	rivals(history: SessionHistory): (slot: Slot<SessionServer>) => void;
	/** Logs a session out at another server than `slot`. */
	end(history: SessionHistory, slot: Slot<SessionServer>): void;
	/** The same, and waits for the proof. */
	endEverywhere(history: SessionHistory, slot: Slot<SessionServer>): void;
	/** Ends all other sessions of the session's subject. */
	endOthers(history: SessionHistory, slot: Slot<SessionServer>): void;
	/** Uses a session at a server, with the latest copy that its client has. */
	carry(history: SessionHistory, slot: Slot<SessionServer>): void;
	/** Views a session at a server. */
	look(history: SessionHistory, slot: Slot<SessionServer>): void;
	/** Tries sessions with a change under way, or one just made, for a strict service. */
	tryChanging(): void;
	/** Runs some operations in a row on one session, mostly at one server. */
	visit(operations: number): void;
	/** Uses some sessions at all servers at the same moment, `laterMs` from now. */
	race(laterMs: number): void;
	/** Runs `strike` once, right after a server has let a session in. The server has a copy now. */
	afterAllowing(strike: (history: SessionHistory, slot: Slot<SessionServer>) => void): void;
	/**
	 * Soon changes or ends a session at another server than `slot`, and views it at `slot` at these
	 * times from now.
	 */
	disturb(history: SessionHistory, slot: Slot<SessionServer>, triesMs: readonly number[]): void;
}

const racedMax = 5;
/** More than a small quota allows. */
const crowdSize = 4;
/** Clocks that agree are no further apart. */
const brinkMs = timing.skewMs;
/** As long as two tries at the bus take. */
const changingMs = 7_000;

export function createClients(
	schedule: Schedule,
	random: Random,
	cluster: Cluster,
	judge: Judge,
	subjects: Subjects,
	witness: Witness,
): Clients {
	const sessions: SessionHistory[] = [];
	/** Visits leave these alone. */
	const apart = new Set<SessionHistory>();
	let begun = 0;
	let answered = 0;
	const logins = createLogins({ schedule, cluster, judge, subjects, witness, sessions }, probe);
	const { authorize, carry, view, update, updateIf, logOut, endOthers, choose, used } = createActions(
		{ schedule, random, judge, subjects, witness, sessions },
		{ changed: lookAtOnce, ended: probe, seen: rival, again: logins.again },
	);
	const ambushes: Parameters<Clients['afterAllowing']>[0][] = [];

	/**
	 * Runs `action` at a server as a request, which travels, waits for a frozen server and is lost
	 * at a dead one.
	 */
	function request(
		slot: Slot<SessionServer>,
		what: () => string,
		action: (server: SessionServer, by: Node) => Promise<string>,
		then?: (answer: string) => void,
	): void {
		begun++;
		schedule.at(random.unit() * 5, () => {
			const { node, instance } = slot;
			node.deliver(() => {
				witness.trace?.(() => `${node.name}: ${what()} begins`);
				const arrivedAt = schedule.now();
				void action(instance, node).then(
					(answer) => {
						answered++;
						if (answer.endsWith('unavailable')) judge.unavailable(`${node.name}: ${what()}: ${answer}`, arrivedAt);
						then?.(answer);
						witness.trace?.(() => `${node.name}: ${what()}: ${answer}`);
					},
					(error: unknown) => judge.failed(`${node.name}: ${what()}`, error),
				);
			});
		});
	}

	/** A strict service must see a change as soon as it is acknowledged. */
	function lookAtOnce(history: SessionHistory): void {
		const slot = random.pick(cluster.servers);
		schedule.at(random.exponential(20), () => perform(history, slot, ['vault, at once,', authorize('vault')]));
	}

	function rival(history: SessionHistory, action: Action): void {
		perform(history, random.pick(cluster.servers), ['update of the same', action]);
	}

	/**
	 * Tries an ended session at every server: at once, at some time, or as soon as no server may
	 * let it in.
	 */
	function probe(history: SessionHistory): void {
		for (const slot of cluster.servers) {
			const draw = random.unit();
			const service = draw < 0.25 ? 'vault' : 'drafts';
			const overdueMs = timing.maxStalenessMs + 5 + random.unit() * 400;
			const delayMs = draw < 0.45 ? random.exponential(20) : draw < 0.65 ? random.exponential(1_500) : overdueMs;
			schedule.at(delayMs, () => perform(history, slot, [`${service}, probed,`, authorize(service)]));
		}
	}

	function perform(history: SessionHistory, slot: Slot<SessionServer>, [name, action] = choose()): void {
		const ask = (server: SessionServer, by: Node) => {
			if (usingActions.has(name)) used(history);
			return action(history, server, schedule.now(), by);
		};
		request(
			slot,
			() => `${name} for ${history.id}`,
			ask,
			(answer) => {
				if (ambushes.length > 0 && answer.startsWith('allowed')) ambushes.shift()?.(history, slot);
			},
		);
	}

	function logIn(
		at?: Slot<SessionServer>,
		then?: (history: SessionHistory) => void,
		subject: string = random.pick(people),
	): void {
		request(at ?? random.pick(cluster.servers), () => 'login', logins.begin(subject, { established: then }));
	}

	function another(slot: Slot<SessionServer>): Slot<SessionServer> {
		const others = cluster.servers.filter((other) => other !== slot);
		const alive = others.filter(({ node }) => node.alive);
		return random.pick(alive.length === 0 ? others : alive);
	}

	return {
		sessions,
		begun: () => begun,
		answered: () => answered,
		logIn,
		logInApart: (at, then) =>
			logIn(at, (history) => {
				apart.add(history);
				then(history);
			}),
		crowd: () => {
			const subject = random.pick(people);
			for (let login = 0; login < crowdSize; login++) logIn(undefined, undefined, subject);
		},
		brink: () =>
			logIn(undefined, (history) => {
				history.isOnTheBrink = true;
				const asked = (afterMs: number, slot: Slot<SessionServer>, [name, action]: [string, Action]) =>
					schedule.at(afterMs, () => perform(history, slot, [`${name}, on the brink,`, action]));
				schedule.at(timeouts.idleMs - brinkMs, () => {
					const idleFrom = witness.truth.idleFrom(history.id, schedule.now());
					const byClock = cluster.servers.toSorted((a, b) => a.node.clockOffsetMs - b.node.clockOffsetMs);
					const [behind, ahead] = [byClock[0], byClock.at(-1)];
					if (idleFrom === undefined || behind === undefined || ahead === undefined) return;
					const idleMs = idleFrom - epochMs - schedule.now() - ahead.node.clockOffsetMs;
					if (idleMs < 0) return;
					asked(idleMs, ahead, ['view', view]);
					asked(idleMs + 40, behind, ['drafts', authorize('drafts')]);
					for (const slot of cluster.servers)
						asked(idleMs + timing.maxStalenessMs + 1_000 + 500 * random.unit(), slot, ['view', view]);
				});
			}),
		visit: (operations) => {
			const visited = sessions.filter((history) => !history.isOnTheBrink && !apart.has(history));
			// Some sessions are used far more than others.
			const index = Math.floor(visited.length * random.unit() * random.unit());
			const history = visited[visited.length - 1 - index];
			if (history === undefined) return;
			let slot = random.pick(cluster.servers);
			let delayMs = 0;
			for (let count = 0; count < operations; count++) {
				if (random.chance(0.2)) slot = random.pick(cluster.servers);
				const chosen = slot;
				schedule.at(delayMs, () => perform(history, chosen));
				delayMs += random.exponential(120);
			}
		},
		use: (history, slot, how) =>
			perform(history, slot, how === 'strictly' ? ['vault', authorize('vault')] : ['update', update]),
		rivals: (history) => {
			const record = witness.truth.states('s3', history.id).at(-1);
			const version = record === undefined ? '' : versionOf(record);
			let rivals = 0;
			return (slot) => {
				const attribute = rivals++ === 0 ? 'draft' : 'cart';
				perform(history, slot, ['update of the same', updateIf(version, attribute)]);
			};
		},
		end: (history, slot) => perform(history, another(slot), ['logout', logOut()]),
		endEverywhere: (history, slot) => perform(history, another(slot), ['logout, confirmed', logOut('everywhere')]),
		endOthers: (history, slot) => perform(history, slot, ['others ended', endOthers]),
		carry: (history, slot) => perform(history, slot, ['drafts, carried,', carry]),
		look: (history, slot) => perform(history, slot, ['view', view]),
		tryChanging: () => {
			for (const history of sessions) {
				const begunAt = Math.max(history.writes.at(-1)?.begunAt ?? 0, history.logoutBegunAt ?? 0);
				if (begunAt === 0 || schedule.now() - begunAt > changingMs) continue;
				const slot = random.pick(cluster.servers);
				perform(history, slot, ['vault, meanwhile,', authorize('vault')]);
			}
		},
		race: (laterMs) => {
			for (const history of sessions.slice(-racedMax))
				schedule.at(laterMs + random.unit() * 300, () => {
					for (const slot of cluster.servers) perform(history, slot, ['drafts, raced,', authorize('drafts')]);
				});
		},
		afterAllowing: (strike) => void ambushes.push(strike),
		disturb: (history, slot, triesMs) => {
			const others = cluster.servers.filter((other) => other !== slot);
			schedule.at(random.exponential(80), () =>
				perform(history, random.pick(others), random.chance(0.6) ? ['logout', logOut()] : ['update', update]),
			);
			for (const delayMs of triesMs) schedule.at(delayMs, () => perform(history, slot, ['view', view]));
		},
	};
}
