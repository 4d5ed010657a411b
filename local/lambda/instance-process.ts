import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { FromInstance, FunctionError, ToInstance } from './instance-messages.ts';

/** A process that runs a function's bundle and answers one invocation at a time. Who calls it keeps it to one. */
export interface InstanceProcess {
	readonly pid: number;
	/** Settles when the handler is loaded. @rejects with why it could not be. */
	readonly ready: Promise<void>;
	readonly exited: Promise<Exit>;
	/** Resolves in every case; the next invocation may be sent then. */
	invoke(invocation: Invocation): Promise<ProcessOutcome>;
	/** Sets by how much its wall clock is ahead. Every later invocation sees it. */
	setClock(offsetMs: number): void;
	/** SIGKILL, which a stopped process obeys too. Resolves when it has ended. */
	kill(): Promise<Exit>;
	/** SIGSTOP and SIGCONT. */
	freeze(): void;
	thaw(): void;
}

export interface Invocation {
	readonly event: unknown;
	readonly requestId: string;
	readonly functionArn: string;
	readonly timeoutMs: number;
}

export type ProcessOutcome =
	| { outcome: 'answered'; payload: unknown }
	| { outcome: 'failed'; error: FunctionError }
	| { outcome: 'timed-out' }
	| { outcome: 'exited'; exit: Exit };

export interface Exit {
	readonly code: number | null;
	readonly signal: string | null;
	/** Whether it ended by `kill`, or by its function's timeout. */
	readonly intended: boolean;
}

export interface InstanceProgram {
	/** The bundled `bootstrap.ts`. */
	readonly bootstrap: string;
	readonly bundle: string;
	readonly environment: Readonly<Record<string, string>>;
	onLine(stream: 'stdout' | 'stderr', line: string): void;
}

export function startProcess(program: InstanceProgram): InstanceProcess {
	const child = fork(program.bootstrap, [program.bundle], {
		env: { ...program.environment },
		execArgv: ['--enable-source-maps'],
		serialization: 'json',
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		detached: true, // Ctrl-C is for the region, which then ends its instances.
	});
	lines(child.stdout, (line) => program.onLine('stdout', line));
	lines(child.stderr, (line) => program.onLine('stderr', line));

	let intended = false;
	let timedOut = false;
	let inFlight: ((outcome: ProcessOutcome) => void) | undefined;
	const exited = once(child, 'close').then(
		([code, signal]): Exit => ({ code, signal, intended }),
		(): Exit => ({ code: null, signal: null, intended }), // It could not be started at all.
	);
	void exited.then((exit) => inFlight?.(timedOut ? { outcome: 'timed-out' } : { outcome: 'exited', exit }));
	child.on('error', () => undefined); // `exited` says it.
	const ready = loaded(child, exited);

	child.on('message', (message: FromInstance) => {
		if (message.type === 'answer') inFlight?.({ outcome: 'answered', payload: message.payload });
		if (message.type === 'error') inFlight?.({ outcome: 'failed', error: message.error });
	});
	// A message that the process no longer takes is followed by its exit, which says all.
	const tell = (message: ToInstance) => void child.send(message, () => undefined);
	const kill = () => {
		intended = true;
		child.kill('SIGKILL');
		return exited;
	};

	return {
		pid: child.pid ?? 0,
		ready,
		exited,
		kill,
		setClock: (offsetMs) => tell({ type: 'clock', offsetMs }),
		freeze: () => void child.kill('SIGSTOP'),
		thaw: () => void child.kill('SIGCONT'),
		invoke: (invocation) =>
			new Promise((resolve) => {
				const timer = setTimeout(() => {
					timedOut = true;
					void kill();
				}, invocation.timeoutMs);
				inFlight = (outcome) => {
					inFlight = undefined;
					clearTimeout(timer);
					resolve(outcome);
				};
				tell({ type: 'invoke', ...invocation });
			}),
	};
}

function loaded(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
	const ready = new Promise<void>((resolve, reject) => {
		child.on('message', (message: FromInstance) => {
			if (message.type === 'ready') resolve();
			if (message.type === 'unloadable')
				reject(new Error(message.error.trace?.join('\n') ?? message.error.errorMessage));
		});
		void exited.then(({ code, signal }) =>
			reject(new Error(`ended with ${signal ?? `exit status ${code}`} before it was ready`)),
		);
	});
	ready.catch(() => undefined); // Whether anyone waits for it or not.
	return ready;
}

function lines(stream: Readable | null, onLine: (line: string) => void): void {
	if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
