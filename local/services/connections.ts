import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { createRandom } from '../system/random.ts';

/**
 * An idle connection can die in these ways while its environment stands:
 *
 * - `reset`: it is forgotten. The next request is answered by a reset
 * - `silent`: it is forgotten. The next request is never answered
 * - `closed`: it is closed, and the environment can see that when it continues
 */
export const deaths = ['reset', 'silent', 'closed'] as const;
export type Death = (typeof deaths)[number];

export interface DeathOptions {
	/** The ways to die, of which each connection draws one. An empty list keeps all. @default each */
	readonly deaths?: readonly Death[];
	/** Connections die if their environment stood for longer. @default 1500 */
	readonly afterMs?: number;
	/** @default 1 */
	readonly seed?: number;
}

/** The connections of the environments to the region's services. */
export interface Connections {
	/** Makes a server treat dead connections as dead. Call this before it gets requests. */
	watch<Watched extends Server>(server: Watched): Watched;
	/**
	 * Lets the idle connections of an instance die if it stood for long enough. Call this before it
	 * continues.
	 */
	stood(instance: string, ms: number): void;
	/** How many connections have died in each way. */
	died(): Readonly<Record<Death, number>>;
}

/**
 * The variable that names an instance to the region's services. The SDK puts it into the user agent
 * of each request.
 */
export const instanceVariable = 'AWS_SDK_UA_APP_ID';
const userAgentForm = /\bapp\/([\w-]+)/;

interface Connection {
	requests: number;
	death: Exclude<Death, 'closed'> | undefined;
}

/** Longer than the pause after which functions drop their idle connections. */
const afterMsDefault = 1_500;

export function createConnections(options: DeathOptions = {}): Connections {
	const { deaths: ways = deaths, afterMs = afterMsDefault, seed = 1 } = options;
	const random = createRandom(seed);
	const died = { reset: 0, silent: 0, closed: 0 };
	const ofInstance = new Map<string, Map<Socket, Connection>>();

	/** Returns nothing for a client that is no instance. */
	function connectionOf({ socket, headers }: IncomingMessage): Connection | undefined {
		const name = userAgentForm.exec(headers['user-agent'] ?? '')?.[1];
		if (name === undefined) return undefined;
		const connections = ofInstance.get(name) ?? new Map<Socket, Connection>();
		ofInstance.set(name, connections);
		const known = connections.get(socket);
		if (known) return known;
		const connection: Connection = { requests: 0, death: undefined };
		connections.set(socket, connection);
		socket.once('close', () => {
			connections.delete(socket);
			if (connections.size === 0) ofInstance.delete(name);
		});
		return connection;
	}

	return {
		watch(server) {
			const listeners = server.listeners('request');
			server.removeAllListeners('request');
			server.on('request', (request: IncomingMessage, response: ServerResponse) => {
				const connection = connectionOf(request);
				if (connection?.death === 'reset') request.socket.resetAndDestroy();
				if (connection?.death !== undefined) return;
				if (connection) {
					connection.requests += 1;
					response.once('close', () => {
						connection.requests -= 1;
					});
				}
				for (const listener of listeners) listener.call(server, request, response);
			});
			return server;
		},
		stood(instance, ms) {
			if (ms < afterMs) return;
			for (const [socket, connection] of ofInstance.get(instance) ?? []) {
				const way = ways[Math.floor(random() * ways.length)];
				if (connection.requests > 0 || connection.death !== undefined || way === undefined) continue;
				died[way] += 1;
				if (way === 'closed') socket.destroy();
				else connection.death = way;
			}
		},
		died: () => ({ ...died }),
	};
}
