import { describe, expect, test } from 'vitest';
import type { Feed } from '../../../../functions/control-table/feed.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { InvokeBus } from '../../../../functions/session-server/bus-client.ts';
import { createCarryingFleet } from '../../../support/memory/carrying-fleet.ts';

const { leaseDurationMs, maxStalenessMs } = timingDefaults;
/** A sync is due, and the instance still holds its lease. */
const dueMs = maxStalenessMs / 2;

/** An instance, and what it does in order: reads of the feed, and messages to the bus. */
async function setUp(reach: (told: string[], bus: InvokeBus) => InvokeBus) {
	const told: string[] = [];
	const memory = createMemoryFeed();
	const feed: Feed = {
		...memory,
		read: (...range) => {
			told.push('reads the feed');
			return memory.read(...range);
		},
	};
	const fleet = createCarryingFleet(feed, (bus) => {
		const invoke = reach(told, bus);
		return (message, ...how) => (message.operation === 'create' ? bus(message, ...how) : invoke(message, ...how));
	});
	const [home, server] = [fleet.start(), fleet.start()];
	const [ann, ben, known] = [await fleet.logIn(home), await fleet.logIn(home), await fleet.logIn(server)];
	const warmUp = () => server.authorize(known.token, 'notes');
	// The second one finds the lease that the first one has acquired.
	await warmUp();
	await settle();
	await warmUp();
	await settle();
	told.length = 0;
	return { fleet, server, ann, ben, told, warmUp };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('a request that asks the bus while a sync is due', () => {
	test('sends its message first, and begins the sync once that has left', async () => {
		const left = Promise.withResolvers<void>();
		const { fleet, server, ann, told } = await setUp((told, bus) => async (message, withinMs, departed) => {
			told.push(`sends ${message.operation}`);
			await left.promise;
			told.push('the message has left');
			return bus(message, withinMs, departed);
		});
		fleet.clock.advance(dueMs);
		const decided = server.authorize(ann.token, 'notes');
		await settle();
		expect(told).toEqual(['sends read']);
		left.resolve();
		expect(await decided).toMatchObject({ kind: 'allowed', evidence: { source: 'borrowed' } });
		expect(told.slice(0, 3)).toEqual(['sends read', 'the message has left', 'reads the feed']);
	});

	test('begins the sync also if its message never leaves', async () => {
		const { fleet, server, ann, told } = await setUp((told) => async (message) => {
			told.push(`sends ${message.operation}`);
			return { kind: 'unavailable', reason: 'lost', receipt: { asked: [], degraded: true } };
		});
		fleet.clock.advance(dueMs);
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'unavailable' });
		expect(told.slice(0, 2)).toEqual(['sends read', 'reads the feed']);
	});

	test('begins the sync before it asks if its instance does not hold a lease', async () => {
		const { fleet, server, ann, told } = await setUp((told, bus) => (message, withinMs, departed) => {
			told.push(`sends ${message.operation}`);
			return bus(message, withinMs, departed);
		});
		fleet.clock.advance(leaseDurationMs);
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'allowed' });
		expect(told[0]).toBe('reads the feed');
	});
});

test('a new instance syncs while it finds its first session, and keeps that session', async () => {
	const { fleet, ann, told } = await setUp((told, bus) => (message, withinMs, departed) => {
		told.push(`sends ${message.operation}`);
		return bus(message, withinMs, departed);
	});
	const late = fleet.start();
	await late.authorize(ann.token, 'notes');
	expect(await late.authorize(ann.token, 'notes')).toMatchObject({ evidence: { source: 'memory' } });
	expect(told.filter((each) => each === 'sends read')).toHaveLength(1);
});

test('a request that is answered from memory begins a sync that is due', async () => {
	const { fleet, told, warmUp } = await setUp((_, bus) => bus);
	fleet.clock.advance(dueMs);
	expect(await warmUp()).toMatchObject({ evidence: { source: 'memory' } });
	expect(told[0]).toBe('reads the feed');
});
