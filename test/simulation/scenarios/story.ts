import { expect, test } from 'vitest';
import { issueToken, secretBytes } from '../../../functions/access/token.ts';
import type { AttributeChanges } from '../../../functions/session/changes.ts';
import { instanceIdBytes, instanceIdOf, sessionIdBytes } from '../../../functions/session/ids.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import type { CopiesSize } from '../../../functions/session-server/memory/copies.ts';
import type { Decision } from '../../../functions/session-server/operations/authorize.ts';
import type { LoggedIn } from '../../../functions/session-server/operations/login.ts';
import type { LoggedOut } from '../../../functions/session-server/operations/logout.ts';
import type { Updated } from '../../../functions/session-server/operations/update.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { createJudge } from '../checks/judge.ts';
import { createWitness } from '../checks/witness.ts';
import type { ServiceName } from '../engine/network.ts';
import { createRandom } from '../engine/random.ts';
import { createSchedule, epochMs } from '../engine/schedule.ts';
import { createCluster, type Slot } from '../world/cluster.ts';
import { ampleQuota, keyring, timeouts } from '../world/settings.ts';
import { watchCalls } from './calls.ts';

export const serverNames = ['A', 'B', 'C'] as const;
export type ServerName = (typeof serverNames)[number];

type Viewed = Awaited<ReturnType<SessionServer['view']>>;
type OthersEnded = Awaited<ReturnType<SessionServer['endOthers']>>;
type ServerAnswer = LoggedIn | Decision | Viewed | Updated | LoggedOut | OthersEnded;

/** A client with its session. */
export interface Client {
	readonly id: SessionId;
	readonly token: string;
	/** The carried copy that it presents beside the token. */
	readonly carried?: string;
}

/** A request that a server has received and may not have answered. */
export interface Pending<Answer> {
	readonly answer: Answer | undefined;
}

/** The operations of a server. A frozen server answers when it thaws, and a dead one never does. */
interface Operations {
	login(server: ServerName): Pending<LoggedIn>;
	authorize(server: ServerName, client: Client, service?: 'drafts' | 'vault' | 'news' | 'admin'): Pending<Decision>;
	view(server: ServerName, client: Client): Pending<Viewed>;
	update(server: ServerName, client: Client, changes: AttributeChanges, ifVersion?: string): Pending<Updated>;
	logout(server: ServerName, client: Client, confirm?: 'everywhere'): Pending<LoggedOut>;
	endOthers(server: ServerName, client: Client): Pending<OthersEnded>;
}

/** The same operations, each of which runs virtual time until it is answered. */
type AnsweredOperations = {
	readonly [Name in keyof Operations]: Operations[Name] extends (...args: infer Args) => Pending<infer Answer>
		? (...args: Args) => Promise<Answer>
		: never;
};

/**
 * A story on the simulated cluster: servers A, B and C, two buses and both repositories. The clocks
 * agree, and the network loses, repeats and delays nothing by itself. Repairs wait for
 * `drainRepairs`. Time passes only where the story says so.
 */
export interface Story extends Omit<AnsweredOperations, 'login'> {
	/** Logs a new client in. @throws if the server cannot */
	login(server: ServerName): Promise<Client>;
	/** Begins operations and does not wait for them. */
	readonly begin: Operations;
	/** Runs virtual time until the request is answered. @throws if it never is */
	finish<Answer>(pending: Pending<Answer>): Promise<Answer>;
	/** A client with a genuine token for a session that no repository has. */
	stranger(): Client;
	pass(ms: number): Promise<void>;

	/** `clockStops`: the monotonic clock does not count the freeze. */
	freeze(server: ServerName, clock?: 'clockStops'): void;
	thaw(server: ServerName): void;
	kill(server: ServerName): void;
	restart(server: ServerName): void;
	setClock(server: ServerName, aheadMs: number): void;
	/** Takes effect even if assumption A3 forbids it. */
	outage(service: ServiceName, how: 'refuses' | 'is silent'): void;
	endOutage(service: ServiceName): void;
	cutOff(server: ServerName, service: ServiceName): void;
	/**
	 * Keeps the next call whose description starts with `what` on its way. @returns lets it arrive
	 */
	hold(what: string): () => void;
	/** Keeps the answer to the next such call on its way back. @returns lets it arrive */
	holdAnswer(what: string): () => void;
	/** Delivers the latest call that starts with `what` once more. @returns the answer */
	deliverAgain(what: string): Promise<unknown>;
	drainRepairs(): Promise<void>;
	/** Queues a repair, even if the session needs none. */
	queueRepair(client: Client): void;
	/** The repositories whose marker of the client's session is open. */
	markedAsMissing(client: Client): readonly RepositoryName[];

	/**
	 * How often a call with this name was sent for the client's session, such as `read` to the bus.
	 */
	timesSent(call: string, client: Client): number;
	/** How many calls of any kind the server has sent. */
	calls(server: ServerName): number;
	copies(server: ServerName): CopiesSize;
	/** The record of the client's session in a repository. */
	stored(repository: RepositoryName, client: Client): Session | undefined;
}

/**
 * Tells a story as a test. It also fails if the story broke a promise by its end.
 *
 * @param carries whether clients carry the copies that come with their logins
 */
export function tell(claim: string, act: (story: Story) => Promise<void>, { carries = false } = {}): void {
	test(claim, async () => {
		const violations: string[] = [];
		await act(createStory((violation) => violations.push(violation), carries));
		expect(violations).toEqual([]);
	});
}

/** Any seed would do, because the story decides everything that matters. */
const seed = 8_051_179;

/** Virtual time within which every request is answered. */
const patienceMs = 60_000;

function createStory(report: (violation: string) => void, carries: boolean): Story {
	const random = createRandom(seed);
	const schedule = createSchedule();
	const violated = (invariant: string, what: string) => report(`${invariant}: ${what}`);
	const witness = createWitness({ trace: undefined, violated }, schedule.now);
	const judge = createJudge(witness, timeouts, 'steady');
	// A draft that begins with "long" is too long for DynamoDB.
	const fits = ({ attributes: { draft } }: Session) =>
		draft === undefined || 'deleted' in draft || !String(draft.value).startsWith('long');
	const options = {
		servers: serverNames.length,
		buses: 2,
		quota: ampleQuota,
		timeouts,
		overWire: true,
		clockOffsetMs: () => 0,
		carries,
		fits,
	};
	const cluster = createCluster(schedule, random.fork(), witness, options);
	const { network } = cluster;
	const calls = watchCalls(network);
	const repairLinks = ['repair dynamodb', 'repair s3'];
	Object.assign(network.conditions, { loss: 0, duplication: 0, slowness: 0 });
	for (const link of repairLinks) network.partitions.add(link);
	cluster.hurryRepairs();

	function at(name: ServerName): Slot<SessionServer> {
		const slot = cluster.servers[serverNames.indexOf(name)];
		if (slot === undefined) throw new Error(`there is no server ${name}`);
		return slot;
	}

	function send<Answer extends ServerAnswer>(
		name: ServerName,
		ask: (server: SessionServer) => Promise<Answer>,
	): Pending<Answer> {
		const pending: { answer: Answer | undefined } = { answer: undefined };
		const { node, instance } = at(name);
		node.deliver(() => {
			const arrivedAt = schedule.now();
			void ask(instance).then((answer) => {
				const given: ServerAnswer = answer;
				if (given.kind === 'allowed' || given.kind === 'found')
					judge.evidence(given.evidence, given.session, arrivedAt);
				pending.answer = answer;
			});
		});
		return pending;
	}

	async function finish<Answer>(pending: Pending<Answer>): Promise<Answer> {
		const deadline = schedule.now() + patienceMs;
		beginFirst();
		await schedule.run(() => pending.answer !== undefined || schedule.now() > deadline);
		if (pending.answer === undefined) throw new Error('the request was never answered');
		return pending.answer;
	}

	/** Lets the calls that the story has just begun be sent before the clock moves. */
	function beginFirst(): void {
		schedule.at(0, () => undefined);
	}

	async function pass(ms: number): Promise<void> {
		let over = false;
		beginFirst();
		schedule.at(ms, () => {
			over = true;
		});
		await schedule.run(() => over);
	}

	const identity = () => ({
		subject: 'iss:ann',
		scopes: ['read'],
		assuranceLevel: 1 as const,
		authenticatedAtMs: Math.floor(epochMs + schedule.now()),
	});
	const begin: Operations = {
		login: (server) => send(server, (instance) => instance.login(identity())),
		authorize: (server, { token, carried }, service = 'drafts') =>
			send(server, (instance) => instance.authorize(token, service, carried)),
		view: (server, { token }) => send(server, (instance) => instance.view(token)),
		update: (server, { token }, changes, ifVersion) =>
			send(server, (instance) => instance.update(token, changes, ifVersion)),
		logout: (server, { token, carried }, confirm) =>
			send(server, (instance) => instance.logout(token, confirm, carried)),
		endOthers: (server, { token }) => send(server, (instance) => instance.endOthers(token)),
	};

	return {
		begin,
		finish,
		pass,
		login: async (server) => {
			const loggedIn = await finish(begin.login(server));
			if (loggedIn.kind !== 'established') throw new Error(`no login: ${loggedIn.kind}`);
			const { session, token, carried } = loggedIn;
			return { id: session.id, token, ...(carried === undefined ? {} : { carried }) };
		},
		authorize: (...request) => finish(begin.authorize(...request)),
		view: (...request) => finish(begin.view(...request)),
		update: (...request) => finish(begin.update(...request)),
		logout: (...request) => finish(begin.logout(...request)),
		endOthers: (...request) => finish(begin.endOthers(...request)),
		stranger: () => {
			const owner = instanceIdOf(random.bytes(instanceIdBytes));
			const issued = issueToken(
				keyring,
				random.bytes(sessionIdBytes),
				random.bytes(secretBytes),
				owner,
				epochMs + 60_000,
			);
			return { id: issued.token.sessionId, token: issued.text };
		},
		freeze: (server, clock) => at(server).node.freeze(clock === 'clockStops'),
		thaw: (server) => at(server).node.thaw(),
		kill: (server) => at(server).kill(),
		restart: (server) => at(server).restart(),
		setClock: (server, aheadMs) => {
			at(server).node.clockOffsetMs = aheadMs;
		},
		outage: (service, how) => {
			network.neverSpared.add(service);
			network.outages.set(service, how);
		},
		endOutage: (service) => {
			network.neverSpared.delete(service);
			network.outages.delete(service);
		},
		cutOff: (server, service) => void network.partitions.add(`${at(server).node.place} ${service}`),
		hold: (what) => {
			const letGo = calls.hold(what);
			return () => schedule.at(0, letGo);
		},
		holdAnswer: (what) => {
			const letGo = calls.holdAnswer(what);
			return () => schedule.at(0, letGo);
		},
		deliverAgain: async (what) => {
			const sent = calls.sent.findLast((call) => call.what.startsWith(what));
			if (sent === undefined) throw new Error(`nobody has sent ${what}`);
			const pending: { answer: unknown } = { answer: undefined };
			schedule.at(0, () => void sent.again().then((answer) => Object.assign(pending, { answer: answer ?? 'done' })));
			return finish(pending);
		},
		drainRepairs: async () => {
			for (const link of repairLinks) network.partitions.delete(link);
			const deadline = schedule.now() + patienceMs;
			await schedule.run(() => cluster.pendingRepairs() === 0 || schedule.now() > deadline);
			expect(cluster.pendingRepairs()).toBe(0);
		},
		queueRepair: ({ id }) => cluster.queueRepair(id),
		markedAsMissing: (client) =>
			cluster.openMarkers().flatMap(({ id, missing }) => (id === client.id ? [missing] : [])),
		timesSent: (call, { id }) => calls.sent.filter(({ what }) => what === `${call} ${id}`).length,
		calls: (server) => calls.sent.filter(({ from }) => from === at(server).node.name).length,
		copies: (server) => at(server).instance.copies(),
		stored: (repository, { id }) => witness.truth.states(repository, id).at(-1),
	};
}

/** Narrows the answer to this kind. Otherwise the test fails and shows the answer. */
export function expectKind<Answer extends { readonly kind: string }, Kind extends Answer['kind']>(
	answer: Answer,
	kind: Kind,
): Extract<Answer, { readonly kind: Kind }> {
	expect(answer).toMatchObject({ kind });
	return answer as Extract<Answer, { readonly kind: Kind }>;
}

/** Narrows the decision to one that lets the client in. */
export function allowed(decision: Decision): Extract<Decision, { readonly kind: 'allowed' }> {
	return expectKind(decision, 'allowed');
}

/** The kind of an answer, or the code of a refusal. */
export function outcomeOf(answer: ServerAnswer): string {
	return answer.kind === 'refused' ? answer.code : answer.kind;
}
