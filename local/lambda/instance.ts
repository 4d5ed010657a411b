import { type InstanceProgram, startProcess } from './instance-process.ts';
import type { Exit, Invocation, ProcessOutcome } from './invocation.ts';
import type { Rest } from './rest.ts';

/** One execution environment of a function: its process and the state of that process. */
export interface Instance {
	readonly name: string;
	readonly pid: number;
	/**
	 * Resolves when the handler is loaded, and rejects with the reason if it could not be loaded.
	 */
	readonly ready: Promise<void>;
	readonly exited: Promise<Exit>;
	state(): InstanceState;
	invocations(): number;
	/** Reserves an idle instance for one invocation. Returns false if the instance is not idle. */
	reserve(): boolean;
	/** Never rejects. Afterwards the instance is idle or has ended. */
	invoke(invocation: Invocation): Promise<ProcessOutcome>;
	/** Sends SIGKILL. Resolves when the process has ended. */
	kill(when: When): Promise<void>;
	/** Sends SIGSTOP. It gets no invocation until it is thawed. */
	freeze(when: When): Promise<void>;
	/** Ends a stop by `freeze`. */
	thaw(): void;
	/** Sets how far its wall clock is ahead. Affects every later invocation. */
	setClock(offsetMs: number): void;
}

export type InstanceState = 'starting' | 'idle' | 'busy' | 'stopped' | 'ending';

/** `idle` means between two invocations, which is when Lambda removes environments. */
export type When = 'idle' | 'now';

/**
 * @param rest how it stands between two invocations. If undefined, it continues to run
 * @param onIdle is called whenever the instance has become idle
 */
export function startInstance(
	name: string,
	program: InstanceProgram,
	rest: Rest | undefined,
	onIdle: (instance: Instance) => void,
): Instance {
	const process = startProcess(program);
	const endsAtMs = performance.now() + (rest?.lifeMs() ?? Number.POSITIVE_INFINITY);
	let restsSinceMs: number | undefined;
	let occupied: 'starting' | 'busy' | 'ending' | undefined = 'starting';
	let stopped = false;
	let invocations = 0;
	const whenIdle: (() => void)[] = [];

	/** Actions that waited for this moment come before the next invocation. */
	function becomeIdle(): void {
		if (occupied === 'ending') return; // Its last answer has overtaken its end.
		occupied = undefined;
		for (const act of whenIdle.splice(0)) act();
		if (occupied) return;
		if (invocations > 0 && performance.now() >= endsAtMs) {
			end();
			return;
		}
		if (rest) {
			restsSinceMs ??= performance.now();
			process.freeze();
		}
		if (!stopped) onIdle(instance);
	}

	function wake(): void {
		if (restsSinceMs === undefined) return;
		rest?.onThaw(name, performance.now() - restsSinceMs);
		restsSinceMs = undefined;
		process.thaw();
	}

	function end(): void {
		occupied = 'ending'; // So that it gets no more invocations.
		void process.kill();
	}

	function at(when: When, act: () => void): Promise<void> {
		if (when === 'now' || stopped || !occupied) return Promise.resolve(act());
		return new Promise((resolve) => {
			whenIdle.push(() => {
				act();
				resolve();
			});
		});
	}

	const instance: Instance = {
		name,
		pid: process.pid,
		ready: process.ready,
		exited: process.exited,
		state: () => (stopped && occupied !== 'ending' ? 'stopped' : (occupied ?? 'idle')),
		invocations: () => invocations,
		reserve() {
			if (instance.state() !== 'idle') return false;
			occupied = 'busy';
			return true;
		},
		async invoke(invocation) {
			invocations += 1;
			wake();
			const outcome = await process.invoke(invocation);
			if (outcome.kind === 'answered' || outcome.kind === 'failed') becomeIdle();
			return outcome;
		},
		async kill(when) {
			await at(when, end);
			await process.exited;
		},
		freeze: (when) =>
			at(when, () => {
				stopped = true;
				process.freeze();
			}),
		thaw() {
			stopped = false;
			if (restsSinceMs === undefined) process.thaw();
			if (!occupied) becomeIdle();
		},
		setClock: process.setClock,
	};

	process.ready.then(becomeIdle, () => undefined);
	void process.exited.then(() => {
		for (const act of whenIdle.splice(0)) act();
	});
	return instance;
}
