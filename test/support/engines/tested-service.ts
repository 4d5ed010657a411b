import type { Fault, ServiceConditions, ServiceName } from '../../../local/services/faults.ts';

/**
 * A service of any engine. Its clients share nothing but the service, and no other test uses its
 * tables, buckets or queues.
 */
export interface TestedService<Client> {
	client(timeoutMs?: number): Client;
	/** Makes a client of an endpoint at which nobody listens. */
	clientOfNobody(): Client;
	/**
	 * Makes a client with unknown credentials. Absent if the service does not check credentials.
	 */
	readonly clientOfStranger: (() => Client) | undefined;
	/** Runs `work` while every call of the service `name` meets `fault`. */
	during<Result>(name: ServiceName, fault: Fault, work: () => Promise<Result>): Promise<Result>;
	/** How often clients have called an operation so far. */
	calls(name: ServiceName, operation: string): number;
	close(): Promise<void>;
}

interface Opening<Client> {
	/** Makes a client that meets the service's conditions. */
	readonly service: (timeoutMs: number) => Client;
	readonly nobody: () => Client;
	readonly stranger?: () => Client;
	/** How long a client waits for an answer by default. */
	readonly patientMs: number;
	readonly close: () => Promise<void>;
}

/**
 * Makes a service from the ways to open its clients. The clients are destroyed with the service.
 */
export function testedService<Client extends { destroy(): void }>(
	conditions: ServiceConditions,
	opening: Opening<Client>,
): TestedService<Client> {
	const clients: Client[] = [];
	const kept = (client: Client): Client => {
		clients.push(client);
		return client;
	};
	const { stranger } = opening;
	return {
		client: (timeoutMs = opening.patientMs) => kept(opening.service(timeoutMs)),
		clientOfNobody: () => kept(opening.nobody()),
		clientOfStranger: stranger && (() => kept(stranger())),
		during: async (name, fault, work) => {
			conditions.set(name, { fault });
			try {
				return await work();
			} finally {
				conditions.set(name, { fault: 'none' });
			}
		},
		calls: (name, operation) => conditions.report()[name].calls[operation] ?? 0,
		close: async () => {
			for (const client of clients) client.destroy();
			await opening.close();
		},
	};
}

/**
 * The settings that limit a test's client. It tries each call once, so that every call counts once.
 */
export function clientLimits(requestTimeout: number) {
	return {
		maxAttempts: 1,
		requestHandler: { connectionTimeout: requestTimeout, requestTimeout, throwOnRequestTimeout: true },
	};
}

/** Nobody listens on this port of the machine. */
export const nobodysEndpoint = 'http://127.0.0.1:1';
