import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
	readonly url: string;
	/** Ends every connection, answered or not. */
	close(): Promise<void>;
}

/** Nothing in the region is meant for other machines. */
const loopback = '127.0.0.1';

/**
 * Longer than any client in the region keeps an idle connection: a server that closes one first makes the client's next
 * request fail for a reason that no drill asked for.
 */
const keepAliveMs = 120_000;

/** Serves on the loopback interface. @throws the server's error, `EADDRINUSE` where the port is taken. */
export async function listen(server: Server, port = 0): Promise<Listener> {
	server.keepAliveTimeout = keepAliveMs;
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, loopback, () => {
			server.off('error', reject);
			resolve();
		});
	});
	return {
		url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}
