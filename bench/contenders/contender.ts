import type { HttpAnswer } from '../../drills/load/http-client.ts';
import type { Region } from '../../local/region.ts';
import type { ToDelay } from '../services/redis.ts';

/**
 * The session of one client. The client keeps what the server gives it, as a browser and the client
 * library do.
 */
export interface BenchSession {
	readonly user: string;
	/** The token that it sends as a bearer token. */
	token: string | undefined;
	/** Its cookies, by name. */
	readonly cookies: Map<string, string>;
	/** A copy of the session that the server gave to the client, to be sent with the next request. */
	carried: string | undefined;
}

/** The answer to one request. */
export interface BenchAnswer extends HttpAnswer {
	readonly process: string | undefined;
	/** The source of Leasehold's decision, such as `memory`. Peers do not say. */
	readonly source: string | undefined;
}

/** A contender in its own region. All have the same front, stores and number of instances. */
export interface Contender {
	readonly name: string;
	readonly region: Region;
	/** @throws if the login fails */
	login(user: string, target?: string): Promise<BenchSession>;
	decide(session: BenchSession, target?: string): Promise<BenchAnswer>;
	change(session: BenchSession, nickname: string, target?: string): Promise<BenchAnswer>;
	logout(session: BenchSession): Promise<BenchAnswer>;
	/** The event of a decision, as API Gateway would send it to the function. */
	decisionEvent(session: BenchSession): string;
	/** Remote calls so far, by service and operation, such as `dynamodb GetItem`. */
	calls(): Promise<Readonly<Record<string, number>>>;
	/** Sends a request to the control endpoint of the region. */
	control(method: string, path: string, body?: unknown): Promise<unknown>;
	/** The instances that answer its clients. */
	instances(): Promise<readonly string[]>;
	/** Redis, if the contender uses it. */
	setRedis(condition: ToDelay): void;
	stop(): Promise<void>;
}

/** Milliseconds that are added to every call, alike for all contenders. */
export const latencies = { control: 4, dynamodb: 4, s3: 25, lambda: 12 } as const;
export const redisLatencyMs = 0.5;

/** The status of a decision that lets the client in. */
export const allowedStatus = 204;
