import { createAtLoad } from './at-load.ts';
import { changeNote } from './change-note.ts';
import type { Answered, ClientSession, Clients } from './clients.ts';

/** Load from several clients, each request judged by what its session's state calls for. */
export interface Load {
	readonly tally: Tally;
	/** Every answer, as it comes, and before it is judged. */
	onAnswer: ((answered: Answered, session: ClientSession, kind: RequestKind) => void) | undefined;
	/** Ends the load and waits for the requests that are under way. */
	stop(): Promise<void>;
}

/** `strict`: a decision for a service that asks for freshness, and so for a sync each time. */
export type RequestKind = 'bounded' | 'strict' | 'change';

export interface Tally {
	requests: number;
	failed: number;
	wrongAllows: number;
	/** Decisions from memory for services that do not ask for more, those of them at load, and of these those that waited for a call. */
	warm: number;
	warmAtLoad: number;
	warmWithCalls: number;
	/** By status. */
	readonly statuses: Map<number, number>;
	/** The first few failures, in words. */
	readonly failures: string[];
	/** How long allowed and refused decisions took, in milliseconds. */
	readonly latenciesMs: number[];
}

/** What a service must answer, by the catalog of the local region. */
const services: Readonly<Record<string, (session: ClientSession) => number>> = {
	notes: () => 204,
	billing: () => 204,
	payments: ({ assuranceLevel }) => (assuranceLevel >= 2 ? 204 : 403),
	admin: () => 403,
};

const strictService = 'payments';

export interface LoadOptions {
	readonly clients: number;
	/** The staleness bound of the region: how long after its logout a session may still be allowed by a bounded service. */
	readonly maxStalenessMs: number;
	/** So many of the sessions, the first ones, are never changed: every instance comes to have a copy, and keeps it. */
	readonly unchanged?: number;
	/** Answers beside the right one that are no failure, 503 while the bus is away for instance. */
	readonly tolerated?: (answered: Answered, session: ClientSession, kind: RequestKind) => boolean;
}

export function startLoad(clients: Clients, sessions: readonly ClientSession[], options: LoadOptions): Load {
	const tally: Tally = {
		requests: 0,
		failed: 0,
		wrongAllows: 0,
		warm: 0,
		warmAtLoad: 0,
		warmWithCalls: 0,
		statuses: new Map(),
		failures: [],
		latenciesMs: [],
	};
	const atLoad = createAtLoad(options.maxStalenessMs);
	let stopped = false;
	let turn = 0;
	const load: Load = { tally, onAnswer: undefined, stop };
	const loops = Array.from({ length: options.clients }, (_, client) => loop(client));

	async function loop(client: number): Promise<void> {
		for (let round = client; !stopped; round++) {
			const index = turn++ % sessions.length;
			const session = sessions[index];
			if (session === undefined) return;
			await (round % 20 === 0 && index >= (options.unchanged ?? 0) ? change(session, round) : decide(session, round));
		}
	}

	async function decide(session: ClientSession, round: number): Promise<void> {
		const names = Object.keys(services);
		const service = names[round % names.length] ?? 'notes';
		const answered = await clients.ask(session, 'GET', `/v1/authorize?service=${service}`);
		const expected = services[service]?.(session) ?? 404;
		const kind = service === strictService ? 'strict' : 'bounded';
		count(answered, session, kind);
		const { evidence } = answered;
		const isAtLoad = atLoad.found(answered);
		if (evidence?.source === 'memory' && kind === 'bounded') {
			tally.warm++;
			if (isAtLoad) tally.warmAtLoad++;
			if (isAtLoad && evidence.remoteCalls > 0) tally.warmWithCalls++;
		}
		tally.latenciesMs.push(answered.elapsedMs);
		if (answered.status === 204 && mustBeOut(session, service, answered)) {
			tally.wrongAllows++;
			fail(answered, `${service} allowed a session that was logged out`);
		} else if (answered.status === 204 && expected !== 204) {
			tally.wrongAllows++;
			fail(answered, `${service} allowed a session that its rule refuses`);
		} else if (answered.status !== expected && !(session.logoutBegunMs !== undefined && answered.status === 401))
			unlessTolerated(answered, session, kind, `${service} answered ${answered.status} where ${expected} was right`);
	}

	/** A strict service must know of every logout acknowledged before the request was sent. */
	function mustBeOut(session: ClientSession, service: string, answered: Answered): boolean {
		if (session.loggedOutMs === undefined) return false;
		const boundMs = service === strictService ? 0 : options.maxStalenessMs;
		return answered.sentAtMs > session.loggedOutMs + boundMs;
	}

	async function change(session: ClientSession, round: number): Promise<void> {
		const underWay = session.lastChange !== undefined && session.lastChange.endedMs === undefined;
		if (underWay || session.logoutBegunMs !== undefined) return decide(session, round);
		const answered = await changeNote(clients, session, `note ${turn}`);
		count(answered, session, 'change');
		const { status } = answered;
		if (status !== 200 && !(status === 401 && session.logoutBegunMs !== undefined))
			unlessTolerated(answered, session, 'change', `a change was answered ${status}`);
	}

	function count(answered: Answered, session: ClientSession, kind: RequestKind): void {
		tally.requests++;
		tally.statuses.set(answered.status, (tally.statuses.get(answered.status) ?? 0) + 1);
		load.onAnswer?.(answered, session, kind);
	}

	function unlessTolerated(answered: Answered, session: ClientSession, kind: RequestKind, failure: string): void {
		if (options.tolerated?.(answered, session, kind)) return;
		tally.failed++;
		fail(answered, failure);
	}

	function fail(answered: Answered, failure: string): void {
		if (tally.failures.length < failuresMax)
			tally.failures.push(`${failure} (${answered.process ?? 'no process'}): ${answered.body.slice(0, 200)}`);
	}

	async function stop(): Promise<void> {
		stopped = true;
		await Promise.all(loops);
	}

	return load;
}

const failuresMax = 20;
