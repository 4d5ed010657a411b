import { Agent as AgentHttp } from 'node:http';
import { Agent as AgentHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Clock, elapsedMs, type Instant, systemClock } from '../clock.ts';

/*
 * Lambda freezes an environment between two invocations. Idle connections die meanwhile, and an
 * environment cannot see that: timers stand still, and so do the events of its sockets. A call on a
 * dead connection fails or waits for its time limit, and the second try may meet the next one. So
 * connections are dropped before an invocation can use them.
 */

/** After a longer pause, none of the idle connections is used again. */
const pauseMsMax = 1_000;

/**
 * Without a pause, an idle connection is used for so long. The services and the network between
 * close idle ones after 20 seconds or more, and a frozen environment would notice too late.
 */
const idleMsMax = 10_000;

/** The SDK's default. */
const socketsMax = 50;

/** The agents of every client of this environment. */
const agents: (AgentHttp | AgentHttps)[] = [];
/** When a connection became idle. */
const idleSince = new WeakMap<Duplex, Instant>();
/** Connections that were in use during a pause. They end with their call. */
const doomed = new WeakSet<Duplex>();

/** Agents for one client, whose idle connections `withLiveConnections` can drop. */
export function createAgents(clock: Clock = systemClock) {
	const options = { keepAlive: true, maxSockets: socketsMax };
	const ofClient = { httpAgent: new AgentHttp(options), httpsAgent: new AgentHttps(options) };
	for (const agent of Object.values(ofClient)) {
		const keep = agent.keepSocketAlive.bind(agent);
		// Node asks this when a call has ended. It closes the connection if the answer is false.
		agent.keepSocketAlive = (socket) => {
			idleSince.set(socket, clock.now());
			// The declared type has no result, but Node's own function returns true.
			return !doomed.has(socket) && (keep(socket) as unknown as boolean);
		};
		agents.push(agent);
	}
	return ofClient;
}

/** Makes each invocation begin without connections that may have died since the last one. */
export function withLiveConnections<Parameters extends readonly unknown[], Result>(
	handler: (...parameters: Parameters) => Promise<Result>,
	clock: Clock = systemClock,
): (...parameters: Parameters) => Promise<Result> {
	let endedAt = clock.now();
	return async (...parameters) => {
		const now = clock.now();
		drop(now, elapsedMs(endedAt, now) > pauseMsMax);
		try {
			return await handler(...parameters);
		} finally {
			endedAt = clock.now();
		}
	};
}

function drop(now: Instant, isAfterPause: boolean): void {
	const isOver = (socket: Duplex) => {
		const since = idleSince.get(socket);
		return isAfterPause || !since || elapsedMs(since, now) > idleMsMax;
	};
	for (const { sockets, freeSockets } of agents) {
		for (const idle of Object.values(freeSockets)) {
			// Node drops broken connections from the front and then takes the last one, broken or not.
			for (const socket of idle?.slice(0, idle.findLastIndex(isOver) + 1) ?? []) socket.destroy();
		}
		if (!isAfterPause) continue;
		for (const used of Object.values(sockets).flat()) if (used) doomed.add(used);
	}
}
