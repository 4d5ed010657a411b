import { randomUUID } from 'node:crypto';
import { functionArn } from '../system/local-account.ts';
import { functionErrorOf } from './function-error.ts';
import { type Instance, startInstance } from './instance.ts';
import type { FunctionError } from './instance-messages.ts';
import type { Exit } from './instance-process.ts';

/**
 * A function: its instances, and the rule by which an invocation gets one of them. An idle one is chosen at random, as
 * callers of Lambda cannot choose; where all are busy another is started. One that ended is not replaced before an
 * invocation needs it.
 */
export interface FunctionPool {
	readonly functionName: string;
	/** Never rejects. */
	invoke(event: unknown, wish?: InvocationWish): Promise<InvocationOutcome>;
	instances(): readonly Instance[];
	/** Starts this many instances. @throws why one could not be started. */
	start(count: number): Promise<void>;
	/** Ends every instance, stopped ones included. */
	stop(): Promise<void>;
}

export interface InvocationWish {
	/** How long to wait where every instance is busy and no other may be started. Not at all unless given. */
	readonly waitMs?: number;
	/** Name of the instance that has to answer. Lambda has nothing like it: an aid for drills and tests. */
	readonly target?: string;
}

export type InvocationOutcome =
	| { outcome: 'answered'; payload: unknown; instance: string; requestId: string }
	| { outcome: 'failed'; error: FunctionError; instance?: string; requestId: string }
	/** No instance was free. */
	| { outcome: 'throttled' };

export interface FunctionDefinition {
	readonly name: string;
	/** The bundled `bootstrap.ts`. */
	readonly bootstrap: string;
	readonly bundle: string;
	readonly environment: Readonly<Record<string, string>>;
	readonly timeoutMs: number;
	/** How many instances may run. Stopped ones do not count: Lambda's limit does not know frozen environments. */
	readonly instancesMax: number;
	onLine(instance: string, stream: 'stdout' | 'stderr', line: string): void;
	/** An instance ended although nobody here ended it. */
	onCrash(instance: string, exit: Exit, stderrTail: readonly string[]): void;
	onStart(pid: number): void;
	onExit(pid: number): void;
}

type Acquired = Instance | FunctionError | 'throttled';

interface Waiter {
	readonly target: string | undefined;
	readonly settle: (acquired: Acquired) => void;
}

/** Lambda's own limit for the init phase. */
const initTimeoutMs = 10_000;
const stderrTailLines = 20;

export function createFunctionPool(definition: FunctionDefinition): FunctionPool {
	const instances = new Map<string, Instance>();
	const waiters = new Set<Waiter>(); // In the order in which they came.
	let started = 0;
	let stopping = false;

	function add(): Instance {
		started += 1;
		const name = `${definition.name}-${started}`; // Never used again, so that a name means one life.
		const stderrTail: string[] = [];
		const onLine = (stream: 'stdout' | 'stderr', line: string) => {
			if (stream === 'stderr' && stderrTail.push(line) > stderrTailLines) stderrTail.shift();
			definition.onLine(name, stream, line);
		};
		const instance = startInstance(name, { ...definition, onLine }, handOver);
		instances.set(name, instance);
		definition.onStart(instance.pid);

		const initTimer = setTimeout(() => void instance.kill('now'), initTimeoutMs);
		// Whoever made it necessary is told that it does not load, as Lambda does.
		const onUnloadable = (error: Error) =>
			firstWaiter(name)?.settle({ errorType: 'Runtime.InitError', errorMessage: error.message });
		void instance.ready.catch(onUnloadable).finally(() => clearTimeout(initTimer));
		void instance.exited.then((exit) => {
			instances.delete(name);
			definition.onExit(instance.pid);
			if (!exit.intended) definition.onCrash(name, exit, stderrTail);
			for (const waiter of waiters) if (waiter.target === name) waiter.settle('throttled');
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
		if (waiter && instance.reserve()) waiter.settle(instance);
	}

	/** One instance for each invocation that waits, within the limit. True where so many are on their way. */
	function growForWaiters(): boolean {
		if (stopping) return false;
		const waiting = [...waiters].filter(({ target }) => target === undefined).length;
		const states = [...instances.values()].map((instance) => instance.state());
		let starting = states.filter((state) => state === 'starting').length;
		let running = states.filter((state) => state !== 'stopped').length;
		for (; starting < waiting && running < definition.instancesMax; starting += 1, running += 1) add();
		return starting >= waiting;
	}

	/** An instance, reserved. */
	function acquire({ waitMs = 0, target }: InvocationWish): Promise<Acquired> {
		const wanted = [...instances.values()].filter(({ name }) => target === undefined || name === target);
		const idle = wanted.filter((instance) => instance.state() === 'idle');
		const chosen = idle[Math.floor(Math.random() * idle.length)];
		if (chosen?.reserve()) return Promise.resolve(chosen);
		if (stopping || (target !== undefined && wanted.length === 0)) return Promise.resolve('throttled');
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
			const onItsWay = target === undefined && growForWaiters();
			const limitMs = onItsWay ? Math.max(waitMs, initTimeoutMs) : waitMs;
			const timer = setTimeout(() => waiter.settle('throttled'), limitMs);
		});
	}

	return {
		functionName: definition.name,
		instances: () => [...instances.values()],
		async invoke(event, wish = {}) {
			const requestId = randomUUID();
			const acquired = await acquire(wish);
			if (acquired === 'throttled') return { outcome: 'throttled' };
			if ('errorType' in acquired) return { outcome: 'failed', error: acquired, requestId };
			const { name, timeoutMs } = definition;
			const outcome = await acquired.invoke({ event, requestId, functionArn: functionArn(name), timeoutMs });
			const instance = acquired.name;
			if (outcome.outcome === 'answered') return { ...outcome, instance, requestId };
			return { outcome: 'failed', error: functionErrorOf(outcome, requestId, timeoutMs), instance, requestId };
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
			for (const waiter of waiters) waiter.settle('throttled');
			await Promise.all([...instances.values()].map((instance) => instance.kill('now')));
		},
	};
}
