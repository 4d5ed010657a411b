import { Agent as AgentHttp } from 'node:http';
import { Agent as AgentHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import { type Clock, elapsedMs, type Instant, systemClock } from '../clock.ts';

/*
 * Lambda freezes an environment between two invocations. Idle connections die meanwhile, and an
 * environment cannot see that: timers stand still, and so do the events of its sockets. A call on a
 * dead connection fails or waits for its time limit, and the second try may meet the next one. So
 * connections are dropped before a call can use them.
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
const agents: AgentHttp[] = [];
/** When a connection became idle. */
const idleSince = new WeakMap<Duplex, Instant>();
/** Connections that were in use during a pause. They end with their call. */
const doomed = new WeakSet<Duplex>();
/** Since when there has been no invocation. Undefined during one. */
let pausedAt: Instant | undefined;

/** Agents for one client, whose idle connections `withLiveConnections` can drop. */
export function createAgents(clock: Clock = systemClock) {
	const options = { keepAlive: true, maxSockets: socketsMax };
	const ofClient = { httpAgent: new AgentHttp(options), httpsAgent: new AgentHttps(options) };
	for (const agent of Object.values<AgentHttp>(ofClient)) {
		const [nameOf, keep] = [agent.getName.bind(agent), agent.keepSocketAlive.bind(agent)];
		// Node asks this before it chooses a connection, and when a call has ended.
		agent.getName = (options) => {
			dropAfterPause(clock.now());
			return nameOf(options);
		};
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
	pausedAt = clock.now();
	return async (...parameters) => {
		const now = clock.now();
		dropAfterPause(now);
		dropIdle((since) => since === undefined || elapsedMs(since, now) > idleMsMax);
		pausedAt = undefined;
		try {
			return await handler(...parameters);
		} finally {
			pausedAt = clock.now();
		}
	};
}

/** Work that the last answer left behind may make calls before the next invocation begins. */
function dropAfterPause(now: Instant): void {
	if (pausedAt === undefined || elapsedMs(pausedAt, now) <= pauseMsMax) return;
	pausedAt = now;
	dropIdle(() => true);
	for (const { sockets } of agents) for (const used of Object.values(sockets).flat()) if (used) doomed.add(used);
}

function dropIdle(isOver: (since: Instant | undefined) => boolean): void {
	for (const idle of agents.flatMap(({ freeSockets }) => Object.values(freeSockets))) {
		// Node drops broken connections from the front and then takes the last one, broken or not.
		const last = idle?.findLastIndex((socket) => isOver(idleSince.get(socket))) ?? -1;
		for (const socket of idle?.slice(0, last + 1) ?? []) socket.destroy();
	}
}
