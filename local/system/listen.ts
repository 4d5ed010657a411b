import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listener {
	readonly url: string;
	/** Cuts every connection, including those that wait for an answer. */
	close(): Promise<void>;
}

/** No server of the region is meant for other machines. */
const loopback = '127.0.0.1';

/**
 * Longer than any client in the region keeps an idle connection. If the server closed one first,
 * the client's next request could fail, and no drill has asked for that failure.
 */
const keepAliveMs = 120_000;

/**
 * Starts a server on the loopback interface.
 *
 * @param port 0 means any free port
 * @throws the server's error, which is `EADDRINUSE` if the port is taken
 */
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
