import type { Session } from '../../functions/session/session.ts';
import type { Evidence } from '../../functions/session-server/evidence.ts';
import type { SessionServer } from '../../functions/session-server/session-server.ts';
import type { Cluster, Slot } from './cluster.ts';
import { createHistory, type SessionHistory } from './history.ts';
import type { Judge } from './judge.ts';
import { epochMs } from './node.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import type { Witness } from './witness.ts';

/** Clients that log in, use services, change attributes and log out, and remember what they were told. */
export interface Clients {
	readonly sessions: readonly SessionHistory[];
	/** Operations that were begun. */
	begun(): number;
	/** Operations that were answered at the server. */
	answered(): number;
	logIn(): void;
	/** Some operations in a row on one session, mostly at one server. */
	visit(operations: number): void;
	/** Looks at a session at a server; for the end of a run. */
	inspect(history: SessionHistory, slot: Slot<SessionServer>, then: (answer: string) => void): void;
}

type Action = (history: SessionHistory, server: SessionServer, begunAt: number) => Promise<string>;

export function createClients(
	schedule: Schedule,
	random: Random,
	cluster: Cluster,
	judge: Judge,
	witness: Witness,
): Clients {
	const sessions: SessionHistory[] = [];
	let begun = 0;
	let answered = 0;
	let values = 0;

	/** Runs `action` at a server as a request: it travels, waits while the server is frozen, and is lost when it is dead. */
	function request(slot: Slot<SessionServer>, what: string, action: (server: SessionServer) => Promise<string>): void {
		begun++;
		schedule.at(random.unit() * 5, () => {
			const { node, instance } = slot;
			node.deliver(() => {
				witness.trace(() => `${node.name}: ${what} begins`);
				void action(instance).then((answer) => {
					answered++;
					witness.trace(() => `${node.name}: ${what}: ${answer}`);
				});
			});
		});
	}

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

	function authorize(service: 'notes' | 'vault' | 'admin'): Action {
		return async (history, server, arrivedAt) => {
			const decision = await server.authorize(server.arrive(), history.token, service);
			if (decision.kind === 'allowed') {
				judgeAnswer(history, decision, service === 'vault', arrivedAt);
				if (service === 'admin') witness.violated('I8', `${history.id} was allowed what its scopes do not allow`);
				used(history);
				return `allowed (${decision.evidence.source})`;
			}
			if (decision.kind === 'refused') judge.refused(history, decision.code, schedule.now());
			return decision.kind === 'refused' ? decision.code : decision.kind;
		};
	}

	const view: Action = async (history, server, arrivedAt) => {
		const viewed = await server.view(server.arrive(), history.token);
		if (viewed.kind === 'found') judgeAnswer(history, viewed, false, arrivedAt);
		else if (viewed.kind === 'refused') judge.refused(history, viewed.code, schedule.now());
		return viewed.kind === 'refused' ? viewed.code : viewed.kind;
	};

	const update: Action = async (history, server, arrivedAt) => {
		const write = { value: `v${values++}`, begunAt: arrivedAt, acknowledgedAt: undefined as number | undefined };
		history.writes.push(write);
		const updated = await server.update(server.arrive(), history.token, { note: write.value });
		if (updated.kind === 'updated') {
			write.acknowledgedAt = schedule.now();
			used(history);
		} else if (updated.kind === 'refused') judge.refused(history, updated.code, schedule.now());
		return `${write.value} ${updated.kind === 'refused' ? updated.code : updated.kind}`;
	};

	function logOut(confirm?: 'everywhere'): Action {
		return async (history, server, arrivedAt) => {
			history.logoutBegunAt ??= arrivedAt;
			const ended = await server.logout(server.arrive(), history.token, confirm);
			if (ended.kind === 'refused') {
				judge.refused(history, ended.code, schedule.now());
				return ended.code;
			}
			if (ended.kind !== 'ended') return ended.kind;
			history.loggedOutAt ??= schedule.now();
			if (ended.everywhere?.confirmed) history.confirmedAt ??= schedule.now();
			return `logged out${ended.complete ? '' : ', degraded'}${ended.everywhere?.confirmed ? ', confirmed' : ''}`;
		};
	}

	function chooseAction(): [string, Action] {
		const draw = random.unit();
		if (draw < 0.52) return ['notes', authorize('notes')];
		if (draw < 0.62) return ['vault', authorize('vault')];
		if (draw < 0.65) return ['admin', authorize('admin')];
		if (draw < 0.77) return ['view', view];
		if (draw < 0.91) return ['update', update];
		if (draw < 0.97) return ['logout', logOut()];
		return ['logout, confirmed', logOut('everywhere')];
	}

	function perform(history: SessionHistory, slot: Slot<SessionServer>): void {
		const [name, action] = chooseAction();
		request(slot, `${name} for ${history.id}`, (server) => {
			if (name === 'update') used(history);
			return action(history, server, schedule.now());
		});
	}

	return {
		sessions,
		begun: () => begun,
		answered: () => answered,
		logIn: () => {
			const slot = random.pick(cluster.servers);
			const authenticatedAtMs = epochMs;
			request(slot, 'login', async (server) => {
				const createdAt = schedule.now();
				const identity = { subject: 'sim:user', scopes: ['read'], assuranceLevel: 1 as const, authenticatedAtMs };
				const loggedIn = await server.login(server.arrive(), identity);
				if (loggedIn.kind !== 'established') return loggedIn.kind;
				const history = createHistory(loggedIn.session.id, loggedIn.token, createdAt);
				history.lastUsedAt = schedule.now();
				sessions.push(history);
				return `established ${history.id}`;
			});
		},
		visit: (operations) => {
			if (sessions.length === 0) return;
			// Some sessions are used far more than others.
			const index = Math.floor(sessions.length * random.unit() * random.unit());
			const history = sessions[sessions.length - 1 - index];
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
		inspect: (history, slot, then) =>
			request(slot, `inspection of ${history.id}`, async (server) => {
				const answer = await view(history, server, schedule.now());
				then(answer);
				return answer;
			}),
	};
}
