import { createServer } from 'node:http';
import { listen } from './listen.ts';

/** The highest TCP port. */
export const portMax = 65_535;

/**
 * Returns a port that was free a moment ago. Some servers cannot choose a port and report it, and
 * some report a taken port in their own way only.
 *
 * @param wanted the port to check; 0 or nothing means any free port
 * @throws `EADDRINUSE` if the wanted port is taken
 */
export async function freePort(wanted?: number): Promise<number> {
	if (wanted) return await tryPort(wanted);
	for (;;) {
		try {
			return await tryPort(portMin + Math.floor(Math.random() * (systemPortMin - portMin)));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
		}
	}
}

async function tryPort(port: number): Promise<number> {
	await (await listen(createServer(), port)).close();
	return port;
}

/**
 * A server takes seconds to start listening on its port. Until then, the system must not hand the
 * port to another process that asks for any free one, as every outgoing connection does. The system
 * hands out ports above this range.
 */
const portMin = 20_000;
/** Linux's lowest ephemeral port. Other systems start higher. */
const systemPortMin = 32_768;

/**
 * Explains to a user why the port cannot be used.
 *
 * @returns nothing if the error has another cause
 */
export function portProblem(error: unknown, port: number): string | undefined {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'EADDRINUSE')
		return `Port ${port} is taken. Choose another one with --port, or use --port 0 for any free port.`;
	if (code === 'EACCES') return `You may not use port ${port}. Choose another one with --port.`;
	return undefined;
}
