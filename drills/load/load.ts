import { setTimeout as delay } from 'node:timers/promises';
import { demoServices } from '../../local/demo.ts';
import { createAtLoad } from './at-load.ts';
import type { ClientAnswer, ClientSession, Clients } from './clients.ts';
import { expectedStatus } from './expected-status.ts';
import { changeNickname } from './writes.ts';

/**
 * Load from several clients. Each answer is compared with the one that the state of its session
 * requires.
 */
export interface ClientLoad {
	readonly tally: Tally;
	/** Called for every answer, before it is judged. */
	onAnswer: ((answer: ClientAnswer, session: ClientSession, kind: RequestKind) => void) | undefined;
	/** Ends the load and waits for the requests in progress. */
	stop(): Promise<void>;
}

/**
 * `bounded` and `strict` are decisions for services of that freshness. A strict one needs a sync
 * each time.
 */
export type RequestKind = 'bounded' | 'strict' | 'change';

export interface Tally {
	requests: number;
	failed: number;
	wrongAllows: number;
	/** Decisions from memory for bounded services. */
	warm: number;
	/** Of `warm`, those by instances under load. */
	warmAtLoad: number;
	/** Of `warmAtLoad`, those that waited for a remote call. */
	warmWithCalls: number;
	/** Decisions with a copy that the client carried. */
	carried: number;
	/** Counts by status. */
	readonly statuses: Map<number, number>;
	/** Descriptions of the first few failures. */
	readonly failures: string[];
	/** How long allowed and refused decisions took, in milliseconds. */
	readonly latenciesMs: number[];
}

export interface LoadOptions {
	readonly clients: number;
	/**
	 * The staleness bound: how long after its logout a bounded service may still allow a session.
	 */
	readonly maxStalenessMs: number;
	/**
	 * The first so many sessions are never changed, so every instance gets a copy and keeps it.
	 * @default 0
	 */
	readonly unchanged?: number;
	/**
	 * How long a client waits after an answer before its next request, in milliseconds.
	 *
	 * @default 0
	 */
	readonly pauseMs?: number;
	/**
	 * Whether an answer other than the right one is no failure, such as a 503 while the bus is
	 * down.
	 */
	readonly tolerated?: (answer: ClientAnswer, session: ClientSession, kind: RequestKind) => boolean;
}

export function startLoad(clients: Clients, sessions: readonly ClientSession[], options: LoadOptions): ClientLoad {
	const tally: Tally = {
		requests: 0,
		failed: 0,
		wrongAllows: 0,
		warm: 0,
		warmAtLoad: 0,
		warmWithCalls: 0,
		carried: 0,
		statuses: new Map(),
		failures: [],
		latenciesMs: [],
	};
	const atLoad = createAtLoad(options.maxStalenessMs);
	let stopped = false;
	let turn = 0;
	const load: ClientLoad = { tally, onAnswer: undefined, stop };
	const loops = Array.from({ length: options.clients }, (_, client) => loop(client));

	async function loop(client: number): Promise<void> {
		for (let round = client; !stopped; round++) {
			const index = turn++ % sessions.length;
			const session = sessions[index];
			if (session === undefined) return;
			await (round % 20 === 0 && index >= (options.unchanged ?? 0) ? change(session, round) : decide(session, round));
			if (options.pauseMs !== undefined) await delay(options.pauseMs);
		}
	}

	async function decide(session: ClientSession, round: number): Promise<void> {
		const rule = demoServices[round % demoServices.length];
		if (rule === undefined) throw new Error('there is no demo service');
		const { name, freshness: kind = 'bounded' } = rule;
		const answer = await clients.ask(session, 'GET', `/v1/authorize?service=${name}`);
		const expected = expectedStatus(rule, session);
		count(answer, session, kind);
		const { status, evidence } = answer;
		const isAtLoad = atLoad.found(answer);
		if (evidence?.source === 'memory' && kind === 'bounded') {
			tally.warm++;
			if (isAtLoad) tally.warmAtLoad++;
			if (isAtLoad && evidence.remoteCalls > 0) tally.warmWithCalls++;
		}
		if (evidence?.source === 'carried') tally.carried++;
		tally.latenciesMs.push(answer.elapsedMs);
		if (status === 204 && mustBeRefused(session, kind, answer)) {
			tally.wrongAllows++;
			describe(answer, `${name} allowed a session that was logged out`);
		} else if (status === 204 && expected !== 204) {
			tally.wrongAllows++;
			describe(answer, `${name} allowed a session that its rule refuses`);
		} else if (status !== expected && !(session.logoutBegunMs !== undefined && status === 401))
			failUnlessTolerated(answer, session, kind, `${name} answered ${status} instead of ${expected}`);
	}

	/**
	 * Whether the session's logout binds this decision. It binds a strict one from its
	 * acknowledgement on.
	 */
	function mustBeRefused(session: ClientSession, kind: RequestKind, { sentAtMs }: ClientAnswer): boolean {
		if (session.loggedOutMs === undefined) return false;
		return sentAtMs > session.loggedOutMs + (kind === 'strict' ? 0 : options.maxStalenessMs);
	}

	async function change(session: ClientSession, round: number): Promise<void> {
		const inProgress = session.lastChange !== undefined && session.lastChange.endedMs === undefined;
		if (inProgress || session.logoutBegunMs !== undefined) return decide(session, round);
		const answer = await changeNickname(clients, session, `nickname ${turn}`);
		count(answer, session, 'change');
		const { status } = answer;
		if (status !== 200 && !(status === 401 && session.logoutBegunMs !== undefined))
			failUnlessTolerated(answer, session, 'change', `a change was answered with ${status}`);
	}

	function count(answer: ClientAnswer, session: ClientSession, kind: RequestKind): void {
		tally.requests++;
		tally.statuses.set(answer.status, (tally.statuses.get(answer.status) ?? 0) + 1);
		load.onAnswer?.(answer, session, kind);
	}

	function failUnlessTolerated(answer: ClientAnswer, session: ClientSession, kind: RequestKind, failure: string): void {
		if (options.tolerated?.(answer, session, kind)) return;
		tally.failed++;
		describe(answer, failure);
	}

	function describe(answer: ClientAnswer, failure: string): void {
		if (tally.failures.length < failuresMax)
			tally.failures.push(`${failure} (${answer.process ?? 'no process'}): ${answer.body.slice(0, 200)}`);
	}

	async function stop(): Promise<void> {
		stopped = true;
		await Promise.all(loops);
	}

	return load;
}

const failuresMax = 20;
