import { Agent, createServer, get, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createConnections, type DeathOptions, deaths } from '../../../local/services/connections.ts';
import { listen } from '../../../local/system/listen.ts';

/** A service, and clients of it that name themselves as the SDK does. */
async function stage(options: DeathOptions) {
	const connections = createConnections(options);
	const held: ServerResponse[] = [];
	const server = createServer((request, response) => {
		if (request.url === '/held') held.push(response);
		else response.end('answered');
	});
	const { url, close } = await listen(connections.watch(server));
	onTestFinished(close);

	function client(userAgent: string) {
		const agent = new Agent({ keepAlive: true });
		onTestFinished(() => agent.destroy());
		const ask = (path = '/') =>
			new Promise<string>((resolve) => {
				const headers = { 'user-agent': userAgent };
				get(url + path, { agent, headers, timeout: 300 }, (incoming) => {
					incoming.on('data', () => undefined).on('end', () => setImmediate(resolve, 'answered'));
				})
					.on('timeout', function (this: { destroy(): void }) {
						resolve('silence');
						this.destroy();
					})
					.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)));
			});
		return { agent, ask };
	}
	return { connections, held, client };
}

const instance = (name: string) => `aws-sdk-js/3 lang/js app/${name}`;
const openIn = ({ freeSockets }: Agent) => Object.values(freeSockets).flat().length;

test.each([
	['reset', 'ECONNRESET'],
	['silent', 'silence'],
] as const)('a connection that died %s is noticed by the next request only', async (death, outcome) => {
	const { connections, client } = await stage({ deaths: [death], afterMs: 1_000 });
	const { agent, ask } = client(instance('bus-1'));
	await ask();
	connections.stood('bus-1', 1_000);
	await delay(20);
	expect(openIn(agent)).toBe(1);
	expect(await ask()).toBe(outcome);
	expect(await ask()).toBe('answered');
	expect(connections.died()).toEqual({ reset: 0, silent: 0, closed: 0, [death]: 1 });
});

test('a connection that was closed is noticed without a request', async () => {
	const { connections, client } = await stage({ deaths: ['closed'], afterMs: 1_000 });
	const { agent, ask } = client(instance('bus-1'));
	await ask();
	connections.stood('bus-1', 1_000);
	await expect.poll(() => openIn(agent)).toBe(0);
	expect(await ask()).toBe('answered');
});

test('connections of other instances, of other clients and of short stops stay', async () => {
	const { connections, client } = await stage({ deaths: ['reset'], afterMs: 1_000 });
	const clients = [client(instance('bus-1')), client(instance('bus-10')), client('curl')];
	for (const { ask } of clients) await ask();
	connections.stood('bus-1', 999);
	connections.stood('bus-2', 5_000);
	for (const { ask } of clients) expect(await ask()).toBe('answered');
	connections.stood('bus-1', 1_000);
	expect(await Promise.all(clients.map(({ ask }) => ask()))).toEqual(['ECONNRESET', 'answered', 'answered']);
});

test('a connection in use stays, and an empty list of deaths keeps all', async () => {
	const used = await stage({ deaths: ['closed'], afterMs: 0 });
	const { ask } = used.client(instance('bus-1'));
	const asked = ask('/held');
	await expect.poll(() => used.held.length).toBe(1);
	used.connections.stood('bus-1', 5_000);
	used.held[0]?.end();
	expect(await asked).toBe('answered');
	const kept = await stage({ deaths: [], afterMs: 0 });
	const other = kept.client(instance('bus-1'));
	await other.ask();
	kept.connections.stood('bus-1', 5_000);
	expect(await other.ask()).toBe('answered');
});

test('by default, the seed draws one of all deaths for each connection', async () => {
	const drawn = async (seed: number) => {
		const { connections, client } = await stage({ seed });
		const { ask } = client(instance('bus-1'));
		await Promise.all(Array.from({ length: 30 }, () => ask()));
		connections.stood('bus-1', 60_000);
		return connections.died();
	};
	const died = await drawn(1);
	expect(await drawn(1)).toEqual(died);
	expect(await drawn(2)).not.toEqual(died);
	expect(deaths.reduce((sum, death) => sum + died[death], 0)).toBe(30);
	for (const death of deaths) expect(died[death]).toBeGreaterThan(3);
});
