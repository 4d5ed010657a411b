import { describe, expect, test } from 'vitest';
import { type Feed, feedEntriesMax } from '../../../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../../../functions/control-table/lease-table.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { feedOverlapMs, timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createCopies } from '../../../../functions/session-server/memory/copies.ts';
import { createKnownEnds } from '../../../../functions/session-server/memory/known-ends.ts';
import { createSynchronizer, holds, renewalDue } from '../../../../functions/session-server/memory/synchronizer.ts';
import { systemRandomBytes } from '../../../../functions/system/random.ts';
import { controlTableTryMs } from '../../../../functions/system/time-budget.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleSession, exampleStartMs } from '../../../support/example-session.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

/**
 * The source of a session after the feed got so many changes of other sessions since the last sync.
 */
async function sourceAfter(changes: number) {
	const { server, clock, feed } = createMemoryDeployment([]);
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	expect(await server.view(loggedIn.token)).toMatchObject({ evidence: { source: 'memory' } });
	clock.advance(timingDefaults.maxStalenessMs + 1);
	const { wallMs: atMs } = clock.now();
	for (let change = 0; change < changes; change++)
		await feed.append({ id: `${change}`, atMs, sessionId: freshSessionId(), kind: 'attributes', proofWanted: false });
	const viewed = await server.view(loggedIn.token);
	return viewed.kind === 'found' ? viewed.evidence.source : viewed.kind;
}

test('a copy stays in memory if a sync can read all changes of other sessions', async () => {
	expect(await sourceAfter(feedEntriesMax)).toBe('memory');
});

test('no copy stays in memory if there are more changes than a sync reads', async () => {
	expect(await sourceAfter(feedEntriesMax + 1)).toBe('reloaded');
});

describe('an instance whose lease was sealed', () => {
	/** A synchronizer in its first life. Calls that are held are answered late. */
	async function firstLife() {
		const [clock, feed, leases] = [createSettableClock(), createMemoryFeed(), createMemoryLeaseTable()];
		let held: { readonly call: string; readonly until: Promise<void> } | undefined;
		/** Holds the next such call until the function that it returns is called. */
		const hold = (call: 'read' | 'acquire') => {
			const { promise: until, resolve } = Promise.withResolvers<void>();
			held = { call, until };
			return resolve;
		};
		const passed = async (call: string) => {
			if (held?.call !== call) return;
			const { until } = held;
			held = undefined;
			await until;
		};
		const slowFeed: Feed = {
			...feed,
			read: async (...range) => {
				const entries = await feed.read(...range);
				await passed('read');
				return entries;
			},
		};
		const slowLeases: LeaseTable = {
			...leases,
			acquire: async (...lease) => {
				await leases.acquire(...lease);
				await passed('acquire');
			},
		};
		const copies = createCopies(1_000_000);
		const synchronizer = createSynchronizer(
			{
				clock,
				timing: timingDefaults,
				leases: slowLeases,
				feed: slowFeed,
				log: () => undefined,
				randomBytes: systemRandomBytes,
			},
			copies,
			createKnownEnds(),
		);
		const sync = () => synchronizer.bringUpToDate(synchronizer.arrive(), 'bounded');
		const sealAll = async () => {
			for (const { instanceId, expiresAtMs } of await leases.listUnsealed()) await leases.seal(instanceId, expiresAtMs);
		};
		const mayUseMemory = () => synchronizer.mayUseMemory(synchronizer.arrive(), 'bounded', clock.now());
		expect(await sync()).toBe(true);
		return { clock, copies, hold, sync, sealAll, mayUseMemory };
	}

	const untilSealableMs = timingDefaults.leaseDurationMs + timingDefaults.skewMs + 1;
	const settled = () => new Promise((resolve) => setImmediate(resolve));

	test.each([
		['keeps its copies', 0, 1],
		['drops its copies', 1, 0],
	])('%s if the feed has kept all entries since the last sync, less %i ms', async (_, laterMs, kept) => {
		const { clock, copies, sync } = await firstLife();
		const session = exampleSession();
		copies.insert(copies.beginLoad(session.id, clock.now()), session);
		clock.advance(timingDefaults.feedRetentionMs - feedOverlapMs(timingDefaults) + laterMs);
		expect(await sync()).toBe(true);
		expect(copies.size().copies).toBe(kept);
	});

	test('counts no sync for a later life than the one it began in', async () => {
		const { clock, hold, sync, sealAll, mayUseMemory } = await firstLife();
		clock.advance(untilSealableMs);
		await sealAll();
		const acquired = hold('acquire');
		const late = sync();
		await settled();
		// The second lease expires before its acquisition is answered.
		clock.advance(untilSealableMs);
		const lateRead = hold('read');
		acquired();
		await settled();
		await sealAll();
		const acquiredAgain = hold('acquire');
		const next = sync();
		await settled();
		acquiredAgain();
		const nextRead = hold('read');
		await settled();

		lateRead();
		await late;
		expect(mayUseMemory()).toBe(false);

		nextRead();
		expect(await next).toBe(true);
	});

	test('keeps no answer to a load of the former life', async () => {
		const { clock, copies, sync, sealAll } = await firstLife();
		const session = exampleSession();
		const load = copies.beginLoad(session.id, clock.now());
		clock.advance(untilSealableMs);
		await sealAll();
		expect(await sync()).toBe(true);

		expect(load.spoiled).toBe(true);
		expect(copies.insert(load, session)).toBe(false);
	});
});

const timing = { ...timingDefaults, leaseDurationMs: 9_000 };

/** Renewed at 1,000 by the wall clock and 500 by the monotonic clock. It expires at 10,000. */
const held = { expiresAtMs: 10_000, since: { wallMs: 1_000, monotonicMs: 500 } };

describe('an instance sees that its lease', () => {
	test.each([
		['holds right after its renewal', 1_000, 500, true],
		['holds until just before its expiry', 9_999, 9_499, true],
		['is over at its expiry', 10_000, 9_500, false],
		['is over if the monotonic clock stood still during a freeze', 10_000, 500, false],
		['is over if only the wall clock stood still', 1_000, 9_500, false],
		['is over if the wall clock was set back by less than the time that has passed', 2_000, 9_500, false],
		['is over if the wall clock was set back to a moment before the renewal', 999, 501, false],
		['is over if the wall clock was set back by a day right after the renewal', -86_399_000, 500, false],
		['is over if the wall clock was set forward beyond the expiry', 86_401_000, 501, false],
		['holds if the wall clock was set back while the monotonic clock has not reached the expiry', 5_000, 9_499, true],
	])('%s', (_what, wallMs, monotonicMs, expected) => {
		expect(holds(held, { wallMs, monotonicMs }, timing)).toBe(expected);
	});

	test('is over at its expiry, even if that comes before its full duration has passed', () => {
		const short = { ...held, expiresAtMs: 1_500 };
		expect(holds(short, { wallMs: 1_499, monotonicMs: 999 }, timing)).toBe(true);
		expect(holds(short, { wallMs: 1_500, monotonicMs: 1_000 }, timing)).toBe(false);
	});

	test.each([
		['is not due for renewal right after the last one', 1_000, 500, false],
		['is not due for renewal just before a third of it has passed', 3_999, 3_499, false],
		['is due for renewal once a third of it has passed', 4_000, 3_500, true],
		['is due for renewal once a third of it has passed by the wall clock alone', 4_000, 500, true],
		['is due for renewal once a third of it has passed by the monotonic clock alone', 1_000, 3_500, true],
		['is due for renewal if the wall clock was set back', 999, 501, true],
	])('%s', (_what, wallMs, monotonicMs, due) => {
		expect(renewalDue(held, { wallMs, monotonicMs }, timing)).toBe(due);
	});
});

test('after a sync that failed because the control table hangs, no request waits for another one at once', async () => {
	const clock = createSettableClock();
	const memory = createMemoryFeed();
	let hangs = false;
	let reads = 0;
	const feed: Feed = {
		...memory,
		read: async (...range) => {
			if (!hangs) return memory.read(...range);
			reads++;
			clock.advance(2 * controlTableTryMs);
			throw new Unreachable('control table', undefined);
		},
	};
	const leases = createMemoryLeaseTable();
	const ports = { clock, timing: timingDefaults, leases, log: () => undefined, randomBytes: systemRandomBytes };
	const sync = createSynchronizer({ ...ports, feed }, createCopies(1_000_000), createKnownEnds());
	expect(await sync.bringUpToDate(sync.arrive(), 'bounded')).toBe(true);
	clock.advance(timingDefaults.maxStalenessMs + 1);
	hangs = true;
	for (let requests = 0; requests < 2; requests++)
		expect(await sync.bringUpToDate(sync.arrive(), 'bounded')).toBe(false);
	expect(reads).toBe(1);
	clock.advance(251);
	await sync.bringUpToDate(sync.arrive(), 'bounded');
	expect(reads).toBe(2);
});
