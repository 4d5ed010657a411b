import { createServer } from 'node:http';
import { listen } from './listen.ts';

/**
 * A port that was free a moment ago: some servers cannot choose one for themselves and say what they chose, or say in their own
 * way that it is taken.
 *
 * @param wanted this one; any unless given, or 0
 * @throws `EADDRINUSE` where it is taken
 */
export async function freePort(wanted?: number): Promise<number> {
	if (wanted) return await tried(wanted);
	for (;;) {
		try {
			return await tried(portMin + Math.floor(Math.random() * (systemPortMin - portMin)));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
		}
	}
}

async function tried(port: number): Promise<number> {
	await (await listen(createServer(), port)).close();
	return port;
}

/**
 * Until a server has its port, which takes seconds, the port must not be given to anybody who asks the system for any free one,
 * as every connection does: those are above.
 */
const portMin = 20_000;
/** Linux's first; those of other systems are higher. */
const systemPortMin = 32_768;
