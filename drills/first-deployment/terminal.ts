/**
 * Lets the process outlive its terminal. When a terminal closes, it sends a signal, and nothing can
 * be written any more. Without a listener, the first write would end the process, and the stack
 * would remain.
 *
 * @param onSignal is called for each signal that would end the process
 */
export function outliveTerminal(onSignal: () => void): void {
	for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
}
