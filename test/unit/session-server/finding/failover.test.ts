import { describe, expect, test } from 'vitest';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import type { Message } from '../../../../functions/protocol/messages.ts';
import type { InvokeBus } from '../../../../functions/session-server/bus-client.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { createCarryingFleet } from '../../../support/memory/carrying-fleet.ts';

const { copyAgeMs, leaseDurationMs, skewMs } = timingDefaults;
const untilSealableMs = leaseDurationMs + skewMs + 1;
const lost: Answer = { kind: 'unavailable', reason: 'lost', receipt: { asked: [], degraded: true } };

/** The second message of a failover, which makes its sender the owner. */
type Adoption = Parameters<InvokeBus>[0] & { readonly operation: 'recover' };

/** The way of a second message. `ask` brings it to the bus. */
type Fate = (ask: () => Promise<Answer>, departed: () => void) => Promise<Answer>;

const arrives: Fate = (ask, departed) => {
	departed();
	return ask();
};

/** Two clients whose instance is gone, another instance, and the second messages of that one. */
async function setUp(fate: Fate, beforeLent: () => Promise<void> | void = () => undefined) {
	const adoptions: Adoption[] = [];
	const fates = { next: fate, beforeLent };
	const fleet = createCarryingFleet(undefined, (bus) => async (message, withinMs, departed = () => undefined) => {
		if (message.operation !== 'recover') return bus(message, withinMs, departed);
		if (message.sealedOwner === undefined) {
			adoptions.push(message);
			return fates.next(() => bus(message), departed);
		}
		const answer = await bus(message, withinMs, departed);
		await fates.beforeLent();
		return answer;
	});
	const home = fleet.start();
	const [ann, ben] = [await fleet.logIn(home), await fleet.logIn(home)];
	fleet.clock.advance(untilSealableMs);
	return { fleet, fates, home, server: fleet.start(), ann, ben, adoptions };
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
	for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

describe('the first request after an owner was lost', () => {
	test('is answered before the new owner is stored, and not before the message about it has left', async () => {
		const left = Promise.withResolvers<void>();
		const answered = Promise.withResolvers<void>();
		const { fleet, server, ann, adoptions } = await setUp(async (ask, departed) => {
			void left.promise.then(departed);
			await answered.promise;
			return ask();
		});
		fleet.clock.delay = () => new Promise(() => undefined);
		const states: string[] = [];
		const request = server.authorize(ann.token, 'notes').finally(() => states.push('answered'));
		await settle();
		expect([adoptions.length, states]).toEqual([1, []]);
		left.resolve();
		expect(await request).toMatchObject({ kind: 'allowed', evidence: { source: 'failover', owner: { epoch: 1 } } });

		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ evidence: { owner: { epoch: 1 } } });
		answered.resolve();
		await settle();
		const warm = await server.authorize(ann.token, 'notes');
		expect(warm).toMatchObject({ evidence: { source: 'memory', owner: { instanceId: adoptions[0]?.adopter } } });
	});

	test('does not wait for a message that cannot leave', async () => {
		const { server, ann } = await setUp(() => new Promise(() => undefined));
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'allowed' });
	});

	test('names the new owner in its copy even if the bus answers before the message is said to have left', async () => {
		const { server, ann, adoptions } = await setUp((ask) => ask());
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ evidence: { source: 'failover' } });
		await settle();
		const warm = await server.authorize(ann.token, 'notes');
		expect(warm).toMatchObject({ evidence: { source: 'memory', owner: { instanceId: adoptions[0]?.adopter } } });
	});

	test('is refused if its session ends while the message leaves', async () => {
		const left = Promise.withResolvers<void>();
		const { fleet, server, home, ann, ben } = await setUp(async (ask, departed) => {
			void left.promise.then(departed);
			await left.promise;
			return ask();
		});
		fleet.clock.delay = () => new Promise(() => undefined);
		const request = server.authorize(ann.token, 'notes');
		await settle();
		expect(await home.logout(ann.token)).toMatchObject({ kind: 'ended', complete: true });
		// A strict request with a copy makes the instance read the feed.
		const source = { evidence: { source: 'carried' } };
		expect(await server.authorize(ben.token, 'vault', ben.carried)).toMatchObject(source);
		left.resolve();
		expect(await request).toMatchObject({ kind: 'refused', code: 'session_revoked' });
	});

	test('leaves the session to the next instance if the message is lost', async () => {
		const { fleet, fates, server, ann, adoptions } = await setUp(async () => lost);
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ evidence: { source: 'failover' } });
		fates.next = arrives;
		const next = fleet.start();
		const second = await next.authorize(ann.token, 'notes');
		expect(second).toMatchObject({ kind: 'allowed', evidence: { source: 'failover', owner: { epoch: 1 } } });
		await settle();
		const owner = { instanceId: adoptions[1]?.adopter };
		expect(await next.authorize(ann.token, 'notes')).toMatchObject({ evidence: { source: 'memory', owner } });
		expect(await fleet.start().authorize(ann.token, 'notes')).toMatchObject({
			evidence: { source: 'borrowed', owner },
		});
	});

	test('carries the use of its session again if the message with it is lost, until it is stored', async () => {
		const { fleet, fates, server, ann, adoptions } = await setUp(async () => lost);
		const usedAtMs = fleet.clock.now().wallMs;
		await server.authorize(ann.token, 'notes');
		for (const fate of [async () => lost, arrives]) {
			fates.next = fate;
			fleet.clock.advance(copyAgeMs + 1);
			await server.view(ann.token);
			await settle();
		}
		expect(adoptions.map(({ seenAtMs }) => seenAtMs)).toEqual([undefined, usedAtMs, usedAtMs]);
		expect(await fleet.start().view(ann.token)).toMatchObject({ session: { lastSeenAtMs: usedAtMs } });
	});

	test('drops its copy if the bus says that the session has ended', async () => {
		const left = Promise.withResolvers<void>();
		const { server, home, ann } = await setUp(async (ask, departed) => {
			departed();
			await left.promise;
			return ask();
		});
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'allowed' });
		await home.logout(ann.token);
		left.resolve();
		await settle();
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'refused', code: 'session_revoked' });
	});

	test('takes no carried copy of a session that has ended as the bus says, although the feed does not say so', async () => {
		const left = Promise.withResolvers<void>();
		const { fleet, server, home, ann } = await setUp(async (ask, departed) => {
			departed();
			await left.promise;
			return ask();
		});
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ kind: 'allowed' });
		fleet.feed.append = () => Promise.reject(new Unreachable('control table', undefined));
		expect(await home.logout(ann.token)).toMatchObject({ kind: 'unavailable' });
		left.resolve();
		await settle();
		const decision = await server.authorize(ann.token, 'notes', ann.carried);
		expect(decision).toMatchObject({ kind: 'refused', code: 'session_revoked' });
	});
});

describe('an instance that was lent a session without a living owner', () => {
	test('does not become the owner if its lease was sealed meanwhile', async () => {
		const { fleet, fates, server, ann, ben, adoptions } = await setUp(arrives);
		fates.beforeLent = async () => {
			fates.beforeLent = () => undefined;
			for (const { instanceId, expiresAtMs } of await fleet.leases.listUnsealed())
				await fleet.leases.seal(instanceId, expiresAtMs);
			fleet.clock.advance(leaseDurationMs / 2);
			await server.authorize(ben.token, 'vault');
		};
		await server.authorize(ann.token, 'notes');
		await settle();
		const dead = await Promise.all(adoptions.map(({ adopter }) => fleet.leases.read(adopter)));
		expect(dead.map((lease) => lease?.sealed)).toEqual(adoptions.map(() => false));
	});

	test('is the owner at once if a bus of the release before does not know that it was asked to lend first', async () => {
		const fleet = createCarryingFleet(undefined, (bus) => (message, ...rest) => {
			const { sealedOwner: _, ...known } = { sealedOwner: undefined, ...message };
			return bus(known as Message, ...rest);
		});
		const { token } = await fleet.logIn(fleet.start());
		fleet.clock.advance(untilSealableMs);
		fleet.sent.length = 0;
		const decision = await fleet.start().authorize(token, 'notes');
		expect(decision).toMatchObject({ kind: 'allowed', evidence: { source: 'failover', owner: { epoch: 2 } } });
		await settle();
		expect(fleet.sent).toEqual(['recover']);
	});

	test('asks again in its next life, although the message of the former one is not answered yet', async () => {
		const { fleet, server, ann, adoptions } = await setUp((_ask, departed) => {
			departed();
			return new Promise(() => undefined);
		});
		await server.authorize(ann.token, 'notes');
		fleet.clock.advance(copyAgeMs + 1);
		for (const { instanceId, expiresAtMs } of await fleet.leases.listUnsealed())
			await fleet.leases.seal(instanceId, expiresAtMs);
		expect(await server.authorize(ann.token, 'notes')).toMatchObject({ evidence: { source: 'failover' } });
		expect(new Set(adoptions.map(({ adopter }) => adopter)).size).toBe(2);
	});

	test('asks to become the owner once, for all requests at the same time', async () => {
		const answered = Promise.withResolvers<void>();
		const { server, ann, adoptions } = await setUp(async (ask, departed) => {
			departed();
			await answered.promise;
			return ask();
		});
		const decisions = await Promise.all([
			...Array.from({ length: 10 }, () => server.authorize(ann.token, 'vault')),
			server.authorize(ann.token, 'notes'),
		]);
		expect(decisions.map(({ kind }) => kind)).toEqual(decisions.map(() => 'allowed'));
		expect(adoptions).toHaveLength(1);
		answered.resolve();
	});
});
