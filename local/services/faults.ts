import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Connections, createConnections } from './connections.ts';

/**
 * The region's services. `control` and `dynamodb` are one DynamoDB, told apart by the table;
 * `queue` is SQS.
 */
export const serviceNames = ['control', 'dynamodb', 's3', 'queue', 'lambda'] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * - `error`: the service answers with its own internal error
 * - `throttle`: the service answers with its own throttling error
 * - `hang`: the service never answers
 * - `reset`: the service cuts the connection
 */
export const faults = ['none', 'error', 'throttle', 'hang', 'reset'] as const;
export type Fault = (typeof faults)[number];

export interface ServiceCondition {
	/** Added to every answer, including faulty ones. */
	readonly latencyMs: number;
	readonly fault: Fault;
}

export interface ServiceReport extends ServiceCondition {
	/**
	 * How often each operation was called since the region started, including calls that failed.
	 */
	readonly calls: Readonly<Record<string, number>>;
}

/**
 * The latency and fault of each service, which drills and `--latency` set, and counts of the calls
 * to it.
 */
export interface ServiceConditions {
	/** Counts one call and returns the service's current condition. */
	called(name: ServiceName, operation: string): ServiceCondition;
	/** Applies to calls that begin from now on. */
	set(name: ServiceName, change: Partial<ServiceCondition>): void;
	report(): Record<ServiceName, ServiceReport>;
	/** The connections to every service. */
	readonly connections: Connections;
}

export const latencyMsMax = 60_000;

export type Latencies = Readonly<Partial<Record<ServiceName, number>>>;

export function createServiceConditions(
	latencies: Latencies = {},
	connections: Connections = createConnections(),
): ServiceConditions {
	const service = (name: ServiceName) => ({
		condition: { latencyMs: latencies[name] ?? 0, fault: 'none' } as ServiceCondition,
		calls: new Map<string, number>(),
	});
	const services = {
		control: service('control'),
		dynamodb: service('dynamodb'),
		s3: service('s3'),
		queue: service('queue'),
		lambda: service('lambda'),
	};
	const report = (name: ServiceName): ServiceReport => ({
		...services[name].condition,
		calls: Object.fromEntries(services[name].calls),
	});
	return {
		connections,
		called(name, operation) {
			const { condition, calls } = services[name];
			calls.set(operation, (calls.get(operation) ?? 0) + 1);
			return condition;
		},
		set(name, change) {
			services[name].condition = { ...services[name].condition, ...change };
		},
		report: () => ({
			control: report('control'),
			dynamodb: report('dynamodb'),
			s3: report('s3'),
			queue: report('queue'),
			lambda: report('lambda'),
		}),
	};
}

export function isServiceName(name: string): name is ServiceName {
	return (serviceNames as readonly string[]).includes(name);
}

/** An answer in the service's own format. */
export interface ServiceAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** How a service answers when it fails or is overloaded. */
export interface FaultAnswers {
	readonly error: ServiceAnswer;
	readonly throttle: ServiceAnswer;
}

/**
 * Waits for the service's latency and then applies its fault. A faulty call has no effect in the
 * service.
 *
 * @returns true if the service is to handle the call; false if the call was answered or dropped
 *   here
 */
export async function admitCall(
	condition: ServiceCondition,
	response: ServerResponse,
	answers: FaultAnswers,
): Promise<boolean> {
	if (condition.latencyMs > 0) await delay(condition.latencyMs, undefined, { ref: false });
	switch (condition.fault) {
		case 'none':
			return !response.destroyed;
		case 'error':
		case 'throttle':
			send(response, answers[condition.fault]);
			return false;
		case 'reset':
			response.socket?.resetAndDestroy();
			return false;
		case 'hang':
			return false;
	}
}

export function send(response: ServerResponse, answer: ServiceAnswer): void {
	response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
	response.end(answer.body);
}

/** The operation in a request of an AWS JSON protocol, such as `PutItem` or `SendMessage`. */
export function operationOf(request: IncomingMessage): string {
	return String(request.headers['x-amz-target'] ?? 'unknown').replace(/^.*\./, '');
}
