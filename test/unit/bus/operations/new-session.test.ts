import { describe, expect, test } from 'vitest';
import type { Message } from '../../../../functions/protocol/messages.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { makeStamp } from '../../../../functions/session/stamp.ts';
import { exampleInstanceId, exampleProof, exampleSecretHash, exampleStamp } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import {
	askerOf,
	create,
	endAll,
	listed,
	liveOf,
	sessionAt,
	storeWatcher,
	subject,
} from '../../../support/subject-client.ts';

const quota = { max: 2, action: 'end-oldest' } as const;
const other = 'local:root';
const stolen = exampleSecretHash('x');

/** A bus that knows a live session of Alice. */
async function withVictim() {
	const services = createMemoryServices();
	const bus = services.bus();
	const victim = sessionAt(services.clock.now().wallMs);
	expect(await create(bus, victim, quota)).toMatchObject({ kind: 'found' });
	services.clock.advance(1_000);
	const readVictim = () => bus({ operation: 'read', sessionId: victim.id, ...exampleProof, demand: 'strict' });
	return { services, bus, victim, nowMs: services.clock.now().wallMs, readVictim };
}

type Forged = (session: Session, nowMs: number) => Partial<Session>;

const forgeries: readonly (readonly [string, Forged])[] = [
	['a later generation', ({ credential }) => ({ credential: { ...credential, generation: 2 } })],
	['a former secret', ({ credential }) => ({ credential: { ...credential, previousSecretHash: stolen } })],
	['a later epoch', () => ({ owner: { epoch: 2, instanceId: exampleInstanceId(9) } })],
	['a deleted attribute', () => ({ attributes: { role: { stamp: exampleStamp(0), deleted: true } } })],
	[
		'an attribute that nobody could change',
		(_, nowMs) => ({ attributes: { role: { stamp: makeStamp(nowMs + 25 * 3_600_000, 0, 'n'), value: 'admin' } } }),
	],
	[
		'more attributes than a change may have',
		() => ({
			attributes: Object.fromEntries(
				Array.from({ length: 65 }, (_, index) => [`a${index}`, { stamp: exampleStamp(0), value: 1 }]),
			),
		}),
	],
	['a revocation', (_, nowMs) => ({ revocation: { atMs: nowMs, reason: 'logout' } })],
	['activity before its creation', (_, nowMs) => ({ lastSeenAtMs: nowMs - 1 })],
	['activity after its creation', (_, nowMs) => ({ lastSeenAtMs: nowMs + 1 })],
	['a creation in the past', (_, nowMs) => ({ createdAtMs: nowMs - 60_501, lastSeenAtMs: nowMs - 60_501 })],
	['a creation in the future', (_, nowMs) => ({ createdAtMs: nowMs + 60_501, lastSeenAtMs: nowMs + 60_501 })],
	[
		'an authentication in the future',
		({ credential }, nowMs) => ({ credential: { ...credential, authenticatedAtMs: nowMs + 60_501 } }),
	],
	['an age limit that has passed', (_, nowMs) => ({ absoluteExpiresAtMs: nowMs })],
	['an age limit of centuries', () => ({ absoluteExpiresAtMs: 8_640_000_000_000_000 })],
	['an idle timeout of centuries', () => ({ idleTimeoutMs: 8_640_000_000_000_000 })],
];

describe('a session that no login creates', () => {
	test.each(forgeries)('with %s is refused, and leaves neither record nor entry', async (_what, forge) => {
		const { services, bus, nowMs } = await withVictim();
		const session = sessionAt(nowMs, { subject: other });
		const forged = { ...session, ...forge(session, nowMs) };

		expect(await create(bus, forged, quota)).toMatchObject({ kind: 'refused' });
		expect(await services.subjects.read(other)).toMatchObject({ entries: [] });
		expect(await bus({ operation: 'read', sessionId: forged.id, ...exampleProof, demand: 'strict' })).toMatchObject({
			kind: 'absent',
		});
	});

	test.each([-60_500, 60_500])('is none if the clock of its server is only %d ms off', async (offMs) => {
		const { bus, nowMs } = await withVictim();
		expect(await create(bus, sessionAt(nowMs + offMs), quota)).toMatchObject({ kind: 'found' });
	});
});

const takeovers: readonly (readonly [string, (victim: Session, nowMs: number) => Session])[] = [
	['another secret', (victim) => withCredential(victim, { secretHash: stolen })],
	['more scopes', (victim) => withCredential(victim, { scopes: ['admin'] })],
	['a higher level', (victim) => withCredential(victim, { assuranceLevel: 3 })],
	['a later age limit', (victim) => ({ ...victim, absoluteExpiresAtMs: victim.absoluteExpiresAtMs + 1 })],
	['another idle timeout', (victim) => ({ ...victim, idleTimeoutMs: 1 })],
	['another time', (victim, nowMs) => ({ ...victim, createdAtMs: nowMs, lastSeenAtMs: nowMs })],
	['another subject', (victim) => ({ ...victim, subject: other })],
	['another subject and time', (_, nowMs) => sessionAt(nowMs, { subject: other })],
];

function withCredential(session: Session, differing: Partial<Session['credential']>): Session {
	return { ...session, credential: { ...session.credential, ...differing } };
}

describe('a login under the id of a live session', () => {
	test.each(takeovers)('with %s is refused and changes nothing', async (_what, forge) => {
		const { services, bus, victim, nowMs, readVictim } = await withVictim();
		const [before, entries] = [await readVictim(), await services.subjects.read(subject)];
		const forged = { ...forge(victim, nowMs), id: victim.id };

		expect(await create(bus, forged, quota)).toMatchObject({ kind: 'refused' });
		expect(await readVictim()).toEqual(before);
		expect(await services.subjects.read(subject)).toEqual(entries);
		expect(await services.subjects.read(other)).toMatchObject({ entries: [] });
	});

	test('is a repeated login if only activity, attributes and owner differ', async () => {
		const { bus, victim, nowMs } = await withVictim();
		await bus({ operation: 'touch', sessionId: victim.id, ...exampleProof, seenAtMs: nowMs });
		const change = { changes: { theme: 'dark' }, stamp: exampleStamp(5) } as const;
		await bus({ operation: 'update', sessionId: victim.id, ...exampleProof, ...change });

		const owner = { epoch: 1, instanceId: exampleInstanceId(7) };
		expect(await create(bus, { ...victim, owner }, quota)).toMatchObject({
			kind: 'found',
			session: { lastSeenAtMs: nowMs, attributes: { theme: { value: 'dark' } } },
		});
	});
});

describe('a login of a later version', () => {
	const later = { device: { order: 1, name: 'phone' } };

	test('is stored with all that it says', async () => {
		const { bus, nowMs } = await withVictim();
		const session = sessionAt(nowMs);
		const credential = { ...session.credential, method: 'passkey' };
		const login = { ...session, ...later, credential };
		expect(await create(bus, login, quota)).toMatchObject({ kind: 'found', session: { ...later, credential } });
	});

	test('is a repeated login for a bus that knows less, and loses nothing', async () => {
		const { bus, nowMs } = await withVictim();
		const session = sessionAt(nowMs);
		const credential = { ...session.credential, method: 'passkey' };
		await create(bus, { ...session, ...later, credential }, quota);
		expect(await create(bus, session, quota)).toMatchObject({ kind: 'found', session: { ...later, credential } });
	});
});

describe('an entry that leads to the session of another subject', () => {
	async function withForeignEntry(ending?: 'logout') {
		const world = await withVictim();
		const { id, createdAtMs, absoluteExpiresAtMs: expiresAtMs } = world.victim;
		const entry = { id, createdAtMs, expiresAtMs, ...(ending === undefined ? {} : { ending }) };
		await world.services.subjects.change(other, () => ({ outcome: undefined, entries: [entry] }));
		return world;
	}

	test('is not shown, and goes after a minute', async () => {
		const { services, bus } = await withForeignEntry();
		const asker = await storeWatcher(services.repositories, other);
		expect(await listed(bus, asker)).toEqual([]);
		expect(await services.subjects.read(other)).toMatchObject({ entries: [{}] });
		services.clock.advance(61_000);
		expect(await listed(bus, asker)).toEqual([]);
		expect(await services.subjects.read(other)).toMatchObject({ entries: [] });
	});

	test('ends nothing when the subject ends its sessions', async () => {
		const { services, bus, victim, nowMs } = await withForeignEntry();
		const asker = await storeWatcher(services.repositories, other);
		expect(await endAll(bus, nowMs, asker)).toMatchObject({ kind: 'ended', ended: 0 });
		expect(await liveOf(bus, [victim])).toEqual([victim.id]);
	});

	test.each([undefined, 'logout'] as const)('neither counts nor makes room for a login, marked %s', async (ending) => {
		const { services, bus, victim } = await withForeignEntry(ending);
		services.clock.advance(61_000);
		const sessions = [0, 1].map((ms) => sessionAt(services.clock.now().wallMs + ms, { subject: other }));
		for (const session of sessions) expect(await create(bus, session, quota)).toMatchObject({ kind: 'found' });
		expect(await liveOf(bus, [victim, ...sessions])).toHaveLength(3);
	});
});

describe('records of two sessions under one id', () => {
	test('are unavailable for that session alone', async () => {
		const { services, bus, victim, nowMs, readVictim } = await withVictim();
		const mixed = sessionAt(nowMs);
		const [dynamodb, s3] = services.repositories;
		await dynamodb?.merge(mixed.id, () => mixed);
		await s3?.merge(mixed.id, () => ({ ...mixed, subject: other }));
		const about = { sessionId: mixed.id, asker: askerOf(mixed), changeId: 'out', proofWanted: false } as const;
		const messages: Message[] = [
			{ operation: 'touch', sessionId: mixed.id, ...exampleProof, seenAtMs: nowMs },
			{ operation: 'revoke', ...about, revocation: { atMs: nowMs, reason: 'logout' } },
		];
		for (const message of messages) expect(await bus(message)).toMatchObject({ kind: 'unavailable' });
		await services.drainRepairs();
		expect(await readVictim()).toMatchObject({ kind: 'found' });
		expect(await endAll(bus, nowMs)).toMatchObject({ ended: 1 });
		expect(await liveOf(bus, [victim])).toEqual([]);
	});
});
