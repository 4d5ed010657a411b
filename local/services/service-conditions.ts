/** The services that the region embeds. `control` and `dynamodb` are one DynamoDB, told apart by the table; `queue` is SQS. */
export const serviceNames = ['control', 'dynamodb', 's3', 'queue', 'lambda'] as const;
export type ServiceName = (typeof serviceNames)[number];

/**
 * - `error`: the service's own internal error
 * - `throttle`: the service's own throttling error
 * - `hang`: no answer
 * - `reset`: the connection is cut
 */
export const faults = ['none', 'error', 'throttle', 'hang', 'reset'] as const;
export type Fault = (typeof faults)[number];

export interface ServiceCondition {
	/** Added to every answer, faulty ones included. */
	readonly latencyMs: number;
	readonly fault: Fault;
}

export interface ServiceReport extends ServiceCondition {
	/** How often each operation was called since the region started, whatever came of it. */
	readonly calls: Readonly<Record<string, number>>;
}

/** How the region's services are doing: what drills and `--latency` set, and what was asked of them. */
export interface ServiceConditions {
	/** The service's condition for one call, which is counted. */
	called(name: ServiceName, operation: string): ServiceCondition;
	/** Holds for calls that begin from now on. */
	set(name: ServiceName, change: Partial<ServiceCondition>): void;
	report(): Record<ServiceName, ServiceReport>;
}

export const latencyMsMax = 60_000;

export type Latencies = Readonly<Partial<Record<ServiceName, number>>>;

export function createServiceConditions(latencies: Latencies = {}): ServiceConditions {
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
