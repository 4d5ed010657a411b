import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { Exit, FromInstance, Invocation, ProcessOutcome, ToInstance } from './invocation.ts';

/** A process that runs a function's bundle. The caller must send one invocation at a time. */
export interface InstanceProcess {
	readonly pid: number;
	/**
	 * Resolves when the handler is loaded, and rejects with the reason if it could not be loaded.
	 */
	readonly ready: Promise<void>;
	readonly exited: Promise<Exit>;
	/** Never rejects. When it has resolved, the next invocation may be sent. */
	invoke(invocation: Invocation): Promise<ProcessOutcome>;
	/** Sets how far the wall clock is ahead. Affects every later invocation. */
	setClock(offsetMs: number): void;
	/** Sends SIGKILL, which also ends a stopped process. Resolves when the process has ended. */
	kill(): Promise<Exit>;
	/** Sends SIGSTOP. */
	freeze(): void;
	/** Sends SIGCONT. */
	thaw(): void;
}

export interface InstanceProgram {
	/** The bundled `bootstrap.ts`. */
	readonly bootstrap: string;
	readonly bundle: string;
	readonly environment: Readonly<Record<string, string>>;
	/** Whether stack traces name the sources instead of the bundle. */
	readonly sourceMaps: boolean;
	onLine(stream: 'stdout' | 'stderr', line: string): void;
}

export function startProcess(program: InstanceProgram): InstanceProcess {
	const child = fork(program.bootstrap, [program.bundle], {
		env: { ...program.environment },
		execArgv: program.sourceMaps ? ['--enable-source-maps'] : [],
		serialization: 'json',
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
		detached: true, // Ctrl-C must reach the region only, which then ends its instances.
	});
	lines(child.stdout, (line) => program.onLine('stdout', line));
	lines(child.stderr, (line) => program.onLine('stderr', line));

	let intended = false;
	let timedOut = false;
	let inFlight: ((outcome: ProcessOutcome) => void) | undefined;
	const exited = once(child, 'close').then(
		([code, signal]): Exit => ({ code, signal, intended }),
		(): Exit => ({ code: null, signal: null, intended }), // The process could not be started.
	);
	void exited.then((exit) => inFlight?.(timedOut ? { kind: 'timed-out' } : { kind: 'exited', exit }));
	child.on('error', () => undefined); // `exited` reports it.
	const ready = loaded(child, exited);

	child.on('message', (message: FromInstance) => {
		if (message.kind === 'answer') inFlight?.({ kind: 'answered', payload: message.payload });
		if (message.kind === 'error') inFlight?.({ kind: 'failed', error: message.error });
	});
	// If the process can no longer receive the message, its exit follows and is reported.
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
		setClock: (offsetMs) => tell({ kind: 'clock', offsetMs }),
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
				try {
					tell({ kind: 'invoke', ...invocation });
				} catch (error) {
					// An event that is nested too deeply cannot be written as JSON again.
					if (!(error instanceof RangeError)) throw error;
					inFlight({ kind: 'failed', error: { errorType: error.name, errorMessage: error.message } });
				}
			}),
	};
}

function loaded(child: ChildProcess, exited: Promise<Exit>): Promise<void> {
	const ready = new Promise<void>((resolve, reject) => {
		child.on('message', (message: FromInstance) => {
			if (message.kind === 'ready') resolve();
			if (message.kind === 'unloadable')
				reject(new Error(message.error.trace?.join('\n') ?? message.error.errorMessage));
		});
		void exited.then(({ code, signal }) =>
			reject(new Error(`ended with ${signal ?? `exit status ${code}`} before it was ready`)),
		);
	});
	ready.catch(() => undefined); // Not an unhandled rejection, even if nothing waits for it.
	return ready;
}

function lines(stream: Readable | null, onLine: (line: string) => void): void {
	if (stream) createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', onLine);
}
