import { setTimeout as delay } from 'node:timers/promises';

/** npm, told to end, ends its shell and not what the shell runs. Then all there is to see is that the parent is gone. */
const parentCheckMs = 500;

/**
 * Calls `end` once, when this process is told to end or its parent is gone, and exits when that is done, with
 * `process.exitCode`, at the latest after `endMsMax`. What is left then is a guardian's.
 *
 * @returns whether it was called
 */
export function onceToldToEnd(end: () => Promise<void>, endMsMax: number): () => boolean {
	let ending = false;
	async function begin(): Promise<void> {
		if (ending) return; // A terminal's Ctrl-C comes twice: npm passes on what the shell has sent already.
		ending = true;
		setTimeout(() => process.exit(1), endMsMax);
		await end();
		process.exit();
	}
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void begin());
	const parent = process.ppid;
	setInterval(() => process.ppid !== parent && void begin(), parentCheckMs).unref();
	return () => ending;
}

/** The end of what a terminal's Ctrl-C was sent to as well may be seen so long before the signal is. */
const signalMsMax = 200;

/** Whether something failed because this process is to end, `ending` being what `onceToldToEnd` returned. */
export async function failedAsToldToEnd(ending: () => boolean): Promise<boolean> {
	if (!ending()) await delay(signalMsMax);
	return ending();
}
