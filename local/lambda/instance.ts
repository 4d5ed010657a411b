import {
	type Exit,
	type InstanceProgram,
	type Invocation,
	type ProcessOutcome,
	startProcess,
} from './instance-process.ts';

/** One execution environment of a function: its process, and what state that is in. */
export interface Instance {
	readonly name: string;
	readonly pid: number;
	/** Settles when the handler is loaded. @rejects with why it could not be. */
	readonly ready: Promise<void>;
	readonly exited: Promise<Exit>;
	state(): InstanceState;
	invocations(): number;
	/** Takes the instance, if it is idle, for the one invocation that follows. */
	reserve(): boolean;
	/** Resolves in every case, and leaves the instance idle, or ended. */
	invoke(invocation: Invocation): Promise<ProcessOutcome>;
	/** SIGKILL. Resolves when the process has ended. */
	kill(when: When): Promise<void>;
	/** SIGSTOP: it gets no invocation until it is thawed, like an environment that Lambda does not choose. */
	freeze(when: When): Promise<void>;
	/** SIGCONT. */
	thaw(): void;
	/** Sets by how much its wall clock is ahead. Every later invocation sees it. */
	setClock(offsetMs: number): void;
}

export type InstanceState = 'starting' | 'idle' | 'busy' | 'stopped';

/** `idle`: between two invocations, which is when Lambda takes environments away. */
export type When = 'idle' | 'now';

/** @param onIdle called whenever the instance became idle */
export function startInstance(name: string, program: InstanceProgram, onIdle: (instance: Instance) => void): Instance {
	const process = startProcess(program);
	let occupied: 'starting' | 'busy' | undefined = 'starting';
	let stopped = false;
	let invocations = 0;
	const whenIdle: (() => void)[] = [];

	/** What was asked for comes before the next invocation. */
	function becomeIdle(): void {
		occupied = undefined;
		for (const act of whenIdle.splice(0)) act();
		if (instance.state() === 'idle') onIdle(instance);
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
		state: () => (stopped ? 'stopped' : (occupied ?? 'idle')),
		invocations: () => invocations,
		reserve() {
			if (instance.state() !== 'idle') return false;
			occupied = 'busy';
			return true;
		},
		async invoke(invocation) {
			invocations += 1;
			const outcome = await process.invoke(invocation);
			if (outcome.outcome === 'answered' || outcome.outcome === 'failed') becomeIdle();
			return outcome;
		},
		async kill(when) {
			await at(when, () => {
				occupied = 'busy'; // For no invocation any more.
				void process.kill();
			});
			await process.exited;
		},
		freeze: (when) =>
			at(when, () => {
				stopped = true;
				process.freeze();
			}),
		thaw() {
			stopped = false;
			process.thaw();
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
