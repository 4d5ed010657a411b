import { describe, expect, test } from 'vitest';
import { withReportedUse } from '../../../../functions/carried/carried-copy.ts';
import { feedEntriesMax } from '../../../../functions/control-table/feed.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import type { DecidingServer } from '../../../../functions/session-server/session-server.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { type CarryingFleet, createCarryingFleet } from '../../../support/memory/carrying-fleet.ts';

const { maxStalenessMs, carriedAgeMs, skewMs, touchIntervalMs, feedRetentionMs } = timingDefaults;

/** Long enough that no clock could say that a copy is from after the instance began. */
const laterMs = 2 * skewMs + 1;

/** Where a decision came from, or why there is none. */
async function source(server: DecidingServer, token: string, carried?: string, service = 'notes'): Promise<string> {
	const decision = await server.authorize(token, service, carried);
	if (decision.kind === 'allowed') return decision.evidence.source;
	return decision.kind === 'refused' ? decision.code : decision.kind;
}

/** A client that has logged in at one instance, and the other instances. */
async function carrying() {
	const fleet = createCarryingFleet();
	const home = fleet.start();
	const client = await fleet.logIn(home);
	fleet.sent.length = 0;
	return { ...fleet, fleet, home, ...client };
}

describe('an instance without a copy', () => {
	test('decides with the one that the client carries, and asks no bus', async () => {
		const { fleet, token, carried, handle } = await carrying();
		const decision = await fleet.start().authorize(token, 'notes', carried);
		expect(decision).toMatchObject({
			kind: 'allowed',
			session: { id: handle, subject: 'ada', partial: true },
			evidence: { source: 'carried', knownAtMs: fleet.clock.now().wallMs, receipt: { degraded: false } },
		});
		expect(fleet.sent).toEqual([]);
	});

	test('decides from memory after that, with the age of the copy from known-at', async () => {
		const { fleet, token, carried } = await carrying();
		const server = fleet.start();
		const knownAtMs = fleet.clock.now().wallMs;
		fleet.clock.advance(30_000);
		expect(await source(server, token, carried)).toBe('carried');
		expect(await server.authorize(token, 'notes')).toMatchObject({
			evidence: { source: 'memory', knownAtMs, remoteCalls: 0 },
		});
		fleet.clock.advance(carriedAgeMs - 30_000 + 1);
		expect(await source(server, token)).toBe('failover');
	});

	test('looks up the key of a bus once', async () => {
		const fleet = createCarryingFleet();
		const [home, server] = [fleet.start(), fleet.start()];
		for (let login = 0; login < 3; login++) {
			const { token, carried } = await fleet.logIn(home);
			expect(await source(server, token, carried)).toBe('carried');
		}
		expect(fleet.lookUps()).toBe(1);
	});

	test('decides with it for a strict service, under a sync that began after the request', async () => {
		const { fleet, home, token, carried } = await carrying();
		const server = fleet.start();
		expect(await source(server, token, carried, 'vault')).toBe('carried');
		const other = await fleet.logIn(home);
		expect(await source(server, other.token, other.carried, 'vault')).toBe('carried');
		await home.logout(other.token);
		expect(await source(server, other.token, other.carried, 'vault')).toBe('session_revoked');
	});

	test('does not use it if the bus has said that the session has ended, although the feed does not say so', async () => {
		const lost: Answer = { kind: 'unavailable', reason: 'lost', receipt: { asked: [], degraded: true } };
		const fleet = createCarryingFleet(
			undefined,
			(bus) =>
				async (message, ...rest) =>
					message.operation === 'update' ? lost : bus(message, ...rest),
		);
		const [home, server] = [fleet.start(), fleet.start()];
		const { token, carried } = await fleet.logIn(home);
		expect(await source(server, token)).toBe('borrowed');
		fleet.feed.append = () => Promise.reject(new Unreachable('control table', undefined));
		expect(await home.logout(token)).toMatchObject({ kind: 'unavailable' });
		// The bus is asked whether the change of nothing would lose a change, and then to make it.
		expect(await server.update(token, { theme: null })).toMatchObject({ kind: 'unavailable' });
		expect(await source(server, token, carried)).toBe('session_revoked');
	});

	test('asks the bus for the attributes', async () => {
		const { fleet, home, token } = await carrying();
		const updated = await home.update(token, { theme: 'dark' });
		const carried = updated.kind === 'updated' ? updated.carried : undefined;
		const server = fleet.start();
		fleet.clock.advance(1);
		expect(await source(server, token, carried)).toBe('carried');
		const viewed = await server.view(token);
		expect(viewed).toMatchObject({ session: { attributes: { theme: { value: 'dark' } } } });
		expect(viewed).not.toMatchObject({ session: { partial: true } });
	});

	test('uses it also when attributes have changed since it was read', async () => {
		const { fleet, home, token, carried } = await carrying();
		const [seen, unseen] = [fleet.start(), fleet.start()];
		expect(await source(seen, token, carried)).toBe('carried');
		await home.update(token, { theme: 'dark' });
		fleet.clock.advance(maxStalenessMs + 1);
		expect(await source(seen, token)).toBe('memory');
		expect(await source(unseen, token, carried)).toBe('carried');
	});
});

/** Lets time pass while instances are in use, so that they sync and read the feed back. */
async function passInUse(fleet: CarryingFleet, servers: readonly DecidingServer[], ms: number): Promise<void> {
	const { token } = await fleet.logIn(fleet.start());
	for (let leftMs = ms; leftMs > 0; leftMs -= 30_000) {
		fleet.clock.advance(Math.min(leftMs, 30_000));
		for (const server of servers) await source(server, token);
		await new Promise((resolve) => setImmediate(resolve));
	}
	fleet.sent.length = 0;
}

describe('a session that has ended', () => {
	test.each([0, 1, laterMs, 60_000, carriedAgeMs - 1])(
		'is refused at an instance that begins %i ms later, whatever the client carries',
		async (afterMs) => {
			const { fleet, home, token, carried } = await carrying();
			fleet.clock.advance(1);
			await home.logout(token);
			fleet.clock.advance(afterMs);
			expect(await source(fleet.start(), token, carried)).toBe('session_revoked');
		},
	);

	test('is refused at an instance that has read of it, also long after its copy was dropped', async () => {
		const { fleet, home, token, carried } = await carrying();
		const server = fleet.start();
		expect(await source(server, token, carried)).toBe('carried');
		await home.logout(token);
		for (let waitedMs = 0; waitedMs < 600_000; waitedMs += 60_000) {
			fleet.clock.advance(60_000);
			expect(await source(server, token, carried)).toBe('session_revoked');
		}
	});

	test('is refused by the instance that ended it, without a sync', async () => {
		const { fleet, home, token } = await carrying();
		const other = await fleet.logIn(home);
		const author = fleet.start();
		expect(await source(author, token)).toBe('borrowed');
		await author.endOne(token, other.handle as never);
		expect(await source(author, other.token, other.carried)).toBe('session_revoked');
	});

	test('is refused after a gap that is longer than the feed keeps its entries', async () => {
		const { fleet, home, token, carried } = await carrying();
		const server = fleet.start();
		await source(server, token, carried);
		await home.logout(token);
		fleet.clock.advance(feedRetentionMs + 1);
		expect(await source(server, token, carried)).toBe('session_revoked');
	});
});

describe('the feed is read back', () => {
	/** A session whose copy is `ageMs` old when an instance begins, after so many changes. */
	async function beginsAfter(ageMs: number, changes = 0) {
		const fleet = createCarryingFleet();
		const client = await fleet.logIn(fleet.start());
		fleet.clock.advance(1);
		for (let change = 0; change < changes; change++)
			await fleet.feed.append({
				id: `${change}`,
				atMs: fleet.clock.now().wallMs,
				sessionId: freshSessionId(),
				kind: 'attributes',
				proofWanted: false,
			});
		fleet.clock.advance(ageMs);
		return { fleet, server: fleet.start(), ...client };
	}

	test('by a minute when an instance begins, and the request waits for that', async () => {
		const { server, token, carried } = await beginsAfter(50_000);
		expect(await source(server, token, carried)).toBe('carried');
	});

	test('with each sync, until the oldest copy is of use', async () => {
		const { fleet, server, token, carried } = await beginsAfter(carriedAgeMs - 200_000);
		expect(await source(fleet.start(), token, carried)).toBe('failover');
		await passInUse(fleet, [server], 180_000);
		expect(await server.authorize(token, 'notes', carried)).toMatchObject({
			kind: 'allowed',
			evidence: { knownAtMs: expect.any(Number) },
		});
		expect(fleet.sent).toEqual(['touch']);
	});

	test('in shorter steps where it has more entries than one read returns', async () => {
		const { fleet, server, token, carried } = await beginsAfter(10_000, feedEntriesMax + 1);
		expect(await source(server, token, carried)).not.toBe('carried');
		fleet.clock.advance(maxStalenessMs + 1);
		const other = await fleet.logIn(fleet.start());
		expect(await source(server, other.token, other.carried)).toBe('carried');
	});

	test('once when an instance begins', async () => {
		const reads: number[] = [];
		const memory = createMemoryFeed();
		const read = (fromMs: number, toMs: number) => {
			reads.push(fromMs);
			return memory.read(fromMs, toMs);
		};
		const feed = { ...memory, read };
		const fleet = createCarryingFleet(feed);
		const { token } = await fleet.logIn(fleet.start());
		expect(reads).toHaveLength(1);
		await source(fleet.start(), token);
		expect(reads).toHaveLength(2);
	});
});

describe('a copy that does not fit is no reason to refuse', () => {
	test.each([
		['nonsense', () => 'nonsense'],
		['cut', (text: string) => text.slice(0, -4)],
		['of an unknown key', (text: string) => text.replace('bus-1', 'bus-2')],
		['from the future', (text: string) => text.replace(/^1\.[^.]*/, '1.zzzzzzzzz')],
	])('if it is %s', async (_, change) => {
		const { fleet, token, carried } = await carrying();
		expect(await source(fleet.start(), token, change(carried))).toBe('borrowed');
	});

	test('if it is of another session', async () => {
		const { fleet, home, token } = await carrying();
		const other = await fleet.logIn(home);
		const decision = await fleet.start().authorize(token, 'notes', other.carried);
		expect(decision).toMatchObject({ kind: 'allowed', evidence: { source: 'borrowed' } });
	});

	test('if it is too old', async () => {
		const { fleet, token, carried } = await carrying();
		fleet.clock.advance(carriedAgeMs + 1);
		expect(await source(fleet.start(), token, carried)).not.toBe('session_unknown');
	});

	test('and looks up few made-up keys of one client, so that those of others are found', async () => {
		const { fleet, home } = await carrying();
		const [one, two, other] = [await fleet.logIn(home), await fleet.logIn(home), await fleet.logIn(home)];
		const server = fleet.start();
		for (let made = 0; made < 30; made++)
			for (const { token, carried, handle } of [one, two]) {
				await source(server, token, carried.replace('bus-1', `${handle}-${made}`));
				// The change drops the copy. Otherwise the next request would find it in memory.
				expect(await server.update(token, { made })).toMatchObject({ kind: 'updated' });
			}
		expect(fleet.lookUps()).toBeLessThanOrEqual(20);
		expect(await source(server, other.token, other.carried)).toBe('carried');
	});

	test('never replaces a newer copy in memory', async () => {
		const { fleet, token, carried } = await carrying();
		const server = fleet.start();
		fleet.clock.advance(10_000);
		expect(await source(server, token)).toBe('borrowed');
		expect(await server.authorize(token, 'notes', carried)).not.toHaveProperty('evidence.knownAtMs');
	});
});

describe('a client that carries a copy', () => {
	test('gets another one from the answer to a report of its use', async () => {
		const { fleet, token, carried } = await carrying();
		const [first, second, third] = [fleet.start(), fleet.start(), fleet.start()];
		await passInUse(fleet, [first, second, third], touchIntervalMs);
		expect(await source(first, token, carried)).toBe('carried');
		expect(fleet.sent).toEqual([]);
		fleet.clock.advance(1);
		const decision = await second.authorize(token, 'notes', carried);
		expect(decision).toMatchObject({ kind: 'allowed', carried: expect.any(String) });
		expect(fleet.sent).toEqual(['touch']);
		const next = decision.kind === 'allowed' ? decision.carried : undefined;
		// No instance reports again what the copy tells.
		expect(await source(third, token, next)).toBe('carried');
		expect(fleet.sent).toEqual(['touch']);
	});

	test('waits for none at an authorizer, which could not give it to the client', async () => {
		const { fleet, token, carried } = await carrying();
		const authorizer = fleet.startAuthorizer();
		await passInUse(fleet, [authorizer], touchIntervalMs + 1);
		const decision = await authorizer.authorize(token, 'notes', carried);
		expect(decision).toMatchObject({ kind: 'allowed', evidence: { source: 'carried', remoteCalls: 1 } });
		expect(decision).not.toHaveProperty('carried');
		expect(fleet.sent).toEqual(['touch']);
	});

	test('is not let in if its session ended while it waited for that', async () => {
		const { fleet, home, token, carried } = await carrying();
		const server = fleet.start();
		fleet.clock.advance(touchIntervalMs + 1);
		await home.logout(token);
		expect(await source(server, token, carried)).toBe('session_revoked');
	});

	test('is let in while the bus is down, and one request in ten seconds waits for it', async () => {
		const { fleet, token, carried } = await carrying();
		const server = fleet.start();
		await passInUse(fleet, [server], touchIntervalMs + 1);
		fleet.outage = true;
		for (let request = 0; request < 3; request++)
			expect(await server.authorize(token, 'notes', carried)).toMatchObject({
				kind: 'allowed',
				evidence: { remoteCalls: request === 0 ? 2 : 0 },
			});
	});

	test('gets one with every answer of the bus', async () => {
		const { fleet, home, token } = await carrying();
		const viewed = await fleet.start().view(token);
		expect(viewed).toMatchObject({ kind: 'found', carried: expect.any(String) });
		expect(await home.update(token, { theme: 'dark' })).toMatchObject({ carried: expect.any(String) });
		expect(await fleet.start().authorize(token, 'notes')).toMatchObject({ carried: expect.any(String) });
	});
});

test('a request with a copy in memory and a carried one waits for one failed sync', async () => {
	let hangs = false;
	let reads = 0;
	const memory = createMemoryFeed();
	const fleet: CarryingFleet = createCarryingFleet({
		...memory,
		read: async (from, to) => {
			if (!hangs) return memory.read(from, to);
			reads++;
			await new Promise((resolve) => setImmediate(resolve));
			fleet.clock.advance(1_000);
			throw new Unreachable('control table', undefined);
		},
	});
	const server = fleet.start();
	const { token, carried } = await fleet.logIn(server);
	await server.authorize(token, 'notes', carried);
	fleet.clock.advance(maxStalenessMs + 1);
	hangs = true;
	expect(await source(server, token, carried)).toBe('reloaded');
	expect(reads).toBe(1);
});

test('an authorizer, which gives no copies, respects the note of a report', async () => {
	const fleet = createCarryingFleet();
	const { token, carried } = await fleet.logIn(fleet.start());
	fleet.clock.advance(5_000);
	const servers = [fleet.start(), fleet.startAuthorizer()];
	for (const server of servers) await server.authorize(token, 'notes', carried);
	fleet.clock.advance(touchIntervalMs - 1_000);
	const noted = withReportedUse(carried, fleet.clock.now().wallMs - 1_000) ?? '';
	fleet.sent.length = 0;
	for (const server of servers) expect(await source(server, token, noted)).toBe('memory');
	await new Promise((resolve) => setTimeout(resolve, 150));
	expect(fleet.sent).toEqual([]);
});
