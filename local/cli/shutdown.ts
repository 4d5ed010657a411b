import { setTimeout as delay } from 'node:timers/promises';

/**
 * When npm is told to end, it ends its shell but not the program that the shell runs. That program
 * only notices that its parent is gone.
 */
const parentCheckMs = 500;

/**
 * Calls `shutDown` once, when this process gets a signal to end or its parent is gone. Then exits
 * with `process.exitCode`, at the latest after `shutDownMsMax`. A guardian removes whatever is left
 * then.
 *
 * @returns a function that tells whether the shutdown has begun
 */
export function onShutdown(shutDown: () => Promise<void>, shutDownMsMax: number): () => boolean {
	let begun = false;
	async function begin(): Promise<void> {
		// Ctrl-C in a terminal comes twice: npm forwards a signal that the terminal sends as well.
		if (begun) return;
		begun = true;
		setTimeout(() => process.exit(1), shutDownMsMax);
		await shutDown();
		process.exit();
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void begin());
	const parent = process.ppid;
	setInterval(() => process.ppid !== parent && void begin(), parentCheckMs).unref();
	return () => begun;
}

/**
 * Ctrl-C in a terminal also ends child processes. Their end may be noticed this long before the
 * signal arrives.
 */
const signalMsMax = 200;

/** Whether a failure is a consequence of the shutdown. `hasBegun` is the result of `onShutdown`. */
export async function failedByShutdown(hasBegun: () => boolean): Promise<boolean> {
	if (!hasBegun()) await delay(signalMsMax);
	return hasBegun();
}
