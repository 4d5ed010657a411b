import { randomUUID } from 'node:crypto';
import { instanceVariable } from '../services/connections.ts';
import { functionArn } from '../system/local-account.ts';
import { type Instance, startInstance } from './instance.ts';
import { type Exit, type FunctionError, functionErrorOf } from './invocation.ts';
import type { Rest } from './rest.ts';

/**
 * A function with its instances. An invocation gets a random idle instance, because callers of
 * Lambda cannot choose one. If all are busy, the pool starts another. An instance that has ended is
 * only replaced when an invocation needs it.
 */
export interface FunctionPool {
	readonly functionName: string;
	/** Never rejects. */
	invoke(event: unknown, wish?: InvocationWish): Promise<InvocationOutcome>;
	instances(): readonly Instance[];
	/**
	 * Replaces the code. Instances that start from now on run this bundle, and those that run keep
	 * theirs, as in Lambda.
	 */
	deploy(bundle: string): void;
	/** Starts this many instances. @throws an error with the reason if one could not be started */
	start(count: number): Promise<void>;
	/** Ends every instance, including stopped ones. */
	stop(): Promise<void>;
}

export interface InvocationWish {
	/** How long to wait if every instance is busy and the pool is at its limit. @default 0 */
	readonly waitMs?: number;
	/**
	 * Name of the instance that must answer. An aid for drills and tests without a counterpart in
	 * Lambda.
	 */
	readonly target?: string;
	/** The alias by which the function is invoked. */
	readonly alias?: string;
}

export type InvocationOutcome =
	| { readonly kind: 'answered'; readonly payload: unknown; readonly instance: string; readonly requestId: string }
	/** `instance` is missing if no instance could be started. */
	| { readonly kind: 'failed'; readonly error: FunctionError; readonly instance?: string; readonly requestId: string }
	/** No instance was free. */
	| { readonly kind: 'throttled' };

export interface FunctionDefinition {
	readonly name: string;
	/** The bundled `bootstrap.ts`. */
	readonly bootstrap: string;
	readonly bundle: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly sourceMaps: boolean;
	readonly timeoutMs: number;
	/**
	 * How many instances may run. Those that end, or that a drill or a person has stopped, do not
	 * count.
	 */
	readonly instancesMax: number;
	/** How instances stand between two invocations. @default they continue to run */
	readonly rest?: Rest | undefined;
	onLine(instance: string, stream: 'stdout' | 'stderr', line: string): void;
	/** Called when an instance ended that the region did not end. */
	onCrash(instance: string, exit: Exit, stderrTail: readonly string[]): void;
	onStart(pid: number): void;
	onExit(pid: number): void;
}

type Acquired =
	/** The instance is reserved for the invocation. */
	| { readonly kind: 'instance'; readonly instance: Instance }
	| { readonly kind: 'unloadable'; readonly error: FunctionError }
	| { readonly kind: 'throttled' };

const throttled = { kind: 'throttled' } as const;

interface Waiter {
	readonly target: string | undefined;
	readonly settle: (acquired: Acquired) => void;
}

/** Lambda's limit for the init phase. */
const initTimeoutMs = 10_000;
const stderrTailLines = 20;

export function createFunctionPool(definition: FunctionDefinition): FunctionPool {
	const instances = new Map<string, Instance>();
	const waiters = new Set<Waiter>(); // In order of arrival.
	let { bundle } = definition;
	let started = 0;
	let stopping = false;

	function add(): Instance {
		started += 1;
		// Names are never reused, so each means one process.
		const name = `${definition.name}-${started}`;
		const stderrTail: string[] = [];
		const onLine = (stream: 'stdout' | 'stderr', line: string) => {
			if (stream === 'stderr' && stderrTail.push(line) > stderrTailLines) stderrTail.shift();
			definition.onLine(name, stream, line);
		};
		const environment = { ...definition.environment, [instanceVariable]: name };
		const instance = startInstance(name, { ...definition, environment, bundle, onLine }, definition.rest, handOver);
		instances.set(name, instance);
		definition.onStart(instance.pid);

		const initTimer = setTimeout(() => void instance.kill('now'), initTimeoutMs);
		// As in Lambda, the invocation that made the instance necessary gets the error.
		const onUnloadable = ({ message }: Error) => {
			const error = { errorType: 'Runtime.InitError', errorMessage: message };
			firstWaiter(name)?.settle({ kind: 'unloadable', error });
		};
		void instance.ready.catch(onUnloadable).finally(() => clearTimeout(initTimer));
		void instance.exited.then((exit) => {
			instances.delete(name);
			definition.onExit(instance.pid);
			if (!exit.intended) definition.onCrash(name, exit, stderrTail);
			for (const waiter of waiters) if (waiter.target === name) waiter.settle(throttled);
			growForWaiters();
		});
		return instance;
	}

	function firstWaiter(name: string): Waiter | undefined {
		for (const waiter of waiters) if (waiter.target === undefined || waiter.target === name) return waiter;
		return undefined;
	}

	function handOver(instance: Instance): void {
		const waiter = firstWaiter(instance.name);
		if (waiter && instance.reserve()) waiter.settle({ kind: 'instance', instance });
	}

	/**
	 * Starts an instance for each waiting invocation, up to the limit.
	 *
	 * @returns whether enough instances are starting
	 */
	function growForWaiters(): boolean {
		if (stopping) return false;
		const waiting = [...waiters].filter(({ target }) => target === undefined).length;
		const states = [...instances.values()].map((instance) => instance.state());
		let starting = states.filter((state) => state === 'starting').length;
		let running = states.filter((state) => state !== 'stopped' && state !== 'ending').length;
		for (; starting < waiting && running < definition.instancesMax; starting += 1, running += 1) add();
		return starting >= waiting;
	}

	function acquire({ waitMs = 0, target }: InvocationWish): Promise<Acquired> {
		const wanted = [...instances.values()].filter(({ name }) => target === undefined || name === target);
		const idle = wanted.filter((instance) => instance.state() === 'idle');
		const chosen = idle[Math.floor(Math.random() * idle.length)];
		if (chosen?.reserve()) return Promise.resolve({ kind: 'instance', instance: chosen });
		if (stopping || (target !== undefined && wanted.length === 0)) return Promise.resolve(throttled);
		return new Promise((resolve) => {
			const waiter: Waiter = {
				target,
				settle(acquired) {
					waiters.delete(waiter);
					clearTimeout(timer);
					resolve(acquired);
				},
			};
			waiters.add(waiter);
			const isStarting = target === undefined && growForWaiters();
			const limitMs = isStarting ? Math.max(waitMs, initTimeoutMs) : waitMs;
			const timer = setTimeout(() => waiter.settle(throttled), limitMs);
		});
	}

	return {
		functionName: definition.name,
		instances: () => [...instances.values()],
		async invoke(event, wish = {}) {
			const requestId = randomUUID();
			const acquired = await acquire(wish);
			if (acquired.kind === 'throttled') return throttled;
			if (acquired.kind === 'unloadable') return { kind: 'failed', error: acquired.error, requestId };
			const { instance } = acquired;
			const { timeoutMs } = definition;
			const invokedName = wish.alias === undefined ? definition.name : `${definition.name}:${wish.alias}`;
			const invocation = { event, requestId, functionArn: functionArn(invokedName), timeoutMs };
			const outcome = await instance.invoke(invocation);
			if (outcome.kind === 'answered') return { ...outcome, instance: instance.name, requestId };
			const error = functionErrorOf(outcome, requestId, timeoutMs);
			return { kind: 'failed', error, instance: instance.name, requestId };
		},
		deploy(next) {
			bundle = next;
		},
		async start(count) {
			const loaded = Array.from({ length: count }, add).map(async ({ name, ready }) => {
				await ready.catch((error: Error) => {
					throw new Error(`${name} could not be started: ${error.message}`, { cause: error });
				});
			});
			await Promise.all(loaded);
		},
		async stop() {
			stopping = true;
			for (const waiter of waiters) waiter.settle(throttled);
			await Promise.all([...instances.values()].map((instance) => instance.kill('now')));
		},
	};
}
