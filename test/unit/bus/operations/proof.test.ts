import { describe, expect, test } from 'vitest';
import type { Bus } from '../../../../functions/bus/bus.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { Asker } from '../../../../functions/protocol/fields/asker.ts';
import type { Message } from '../../../../functions/protocol/messages.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import type { SecretHash, Session, SessionId } from '../../../../functions/session/session.ts';
import { fingerprintOf } from '../../../../functions/session/signed-part.ts';
import { versionOf } from '../../../../functions/session/version.ts';
import { exampleInstanceId, exampleSecretHash, exampleStamp } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { askerOf, create, sessionAt, subject } from '../../../support/subject-client.ts';

/*
 * A session server shows with each message that it has seen the token of the session. Without that,
 * a message learns and does what it would if there were no such session.
 */

const guessed = exampleSecretHash('g');
const revocation = { atMs: 1_800_000_001_000, reason: 'logout' } as const;

/** Every message that acts on one session, or on its subject. */
function messagesAbout(target: Session, { sessionId, secretHash }: Asker): readonly Message[] {
	const about = { sessionId, secretHash };
	const asker = about;
	const change = { changes: { theme: 'dark' }, stamp: exampleStamp(2_000) };
	// The owner has no lease, so it counts as sealed.
	return [
		{ operation: 'read', ...about, demand: 'bounded', seenAtMs: target.createdAtMs + 400_000 },
		{ operation: 'read', ...about, demand: 'strict' },
		{ operation: 'read', ...about, demand: 'lenient' },
		{ operation: 'recover', ...about, demand: 'bounded', adopter: exampleInstanceId(7) },
		{ operation: 'update', ...about, ...change },
		{ operation: 'update', ...about, ...change, ifVersion: versionOf(target) },
		{ operation: 'touch', ...about, seenAtMs: target.createdAtMs + 1_000 },
		{ operation: 'revoke', sessionId, asker, revocation, changeId: 'out', proofWanted: true },
		{ operation: 'list', asker },
		{ operation: 'revokeSubject', asker, revocation, changeId: 'end' },
	];
}

async function withSession(secrets: Partial<Session['credential']> = {}) {
	const services = createMemoryServices();
	const session = sessionAt(services.clock.now().wallMs);
	expect(await create(services.bus(), session, { max: 3, action: 'deny' })).toMatchObject({ kind: 'found' });
	const credential = { ...session.credential, ...secrets };
	for (const { merge } of services.repositories)
		await merge(session.id, (stored) => stored && { ...stored, credential });
	return { services, session: { ...session, credential } };
}

type World = Awaited<ReturnType<typeof withSession>>;

/** All that the stores hold, and what waits for them. */
async function stateOf({ services, session }: World) {
	const loads = services.repositories.map(({ load }) => load(session.id));
	return {
		records: await Promise.all(loads),
		open: services.doubt.markers.listOpen(),
		entries: await services.subjects.read(subject),
		feed: await services.feed.read(0, Number.MAX_SAFE_INTEGER),
		repairs: new Set(services.repairs),
	};
}

/** Sends the message to a new bus. Returns the answer and the calls that it took. */
async function told({ services }: World, message: Message, failing?: string) {
	const calls: string[] = [];
	const bus = services.bus((call) => {
		calls.push(call);
		return call.endsWith(failing ?? 'no call') ? 'fails' : 'done';
	});
	return { answer: await bus(message), calls };
}

const names = messagesAbout(sessionAt(0), askerOf(sessionAt(0))).map(
	({ operation }, index) => [operation, index] as const,
);

describe.each(names)('the message %s (%i) with the hash of another secret', (_name, index) => {
	const sent = (session: Session, sessionId: SessionId, secretHash: SecretHash = guessed) =>
		messagesAbout(session, { sessionId, secretHash })[index] as Message;

	test.each([undefined, 's3', 'dynamodb'])(
		'is answered as for no session, after the same calls, and changes nothing (without %s)',
		async (failing) => {
			const world = await withSession();
			const before = await stateOf(world);
			const none = sessionAt(world.session.createdAtMs);
			const expected = await told(world, sent(world.session, none.id), failing);
			expect(await told(world, sent(world.session, world.session.id), failing)).toEqual(expected);
			expect(expected.answer.kind).toBe(failing === undefined ? 'absent' : 'unavailable');
			expect(await stateOf(world)).toEqual(before);
		},
	);

	test('is answered as for no session if the session has ended', async () => {
		const world = await withSession();
		for (const { merge } of world.services.repositories)
			await merge(world.session.id, (stored) => stored && withRevocation(stored, revocation));
		const expected = await told(world, sent(world.session, sessionAt(0).id));
		expect(await told(world, sent(world.session, world.session.id))).toEqual(expected);
	});

	test('writes nothing if the repositories differ', async () => {
		const world = await withSession();
		const [dynamodb] = world.services.repositories;
		await dynamodb?.merge(world.session.id, (stored) => stored && { ...stored, lastSeenAtMs: stored.lastSeenAtMs + 5 });
		const before = await stateOf(world);
		await told(world, sent(world.session, world.session.id));
		expect(await stateOf(world)).toEqual(before);
	});

	test('is performed with the right hash', async () => {
		const world = await withSession();
		const { answer } = await told(world, sent(world.session, world.session.id, world.session.credential.secretHash));
		expect(['found', 'revoked', 'listed', 'ended']).toContain(answer.kind);
	});
});

describe('a replaced secret', () => {
	const [current, former] = [exampleSecretHash('c'), exampleSecretHash('f')];
	const graceUntilMs = 1_800_000_030_000;
	const replaced = { generation: 2, secretHash: current, previousSecretHash: former, graceUntilMs };
	const read = (bus: Bus, { id }: Session, secretHash: SecretHash) =>
		bus({ operation: 'read', sessionId: id, secretHash, demand: 'bounded' });

	test('is as good as the current one until its grace is over for every clock', async () => {
		const { services, session } = await withSession(replaced);
		expect(await read(services.bus(), session, former)).toMatchObject({ kind: 'found' });
		services.clock.setWall(graceUntilMs + timingDefaults.skewMs - 1);
		expect(await read(services.bus(), session, former)).toMatchObject({ kind: 'found' });
		services.clock.setWall(graceUntilMs + timingDefaults.skewMs);
		expect(await read(services.bus(), session, former)).toMatchObject({ kind: 'absent' });
		expect(await read(services.bus(), session, current)).toMatchObject({ kind: 'found' });
	});

	test('is good for nothing without a grace', async () => {
		const { services, session } = await withSession({ generation: 2, secretHash: current, previousSecretHash: former });
		expect(await read(services.bus(), session, former)).toMatchObject({ kind: 'absent' });
	});

	test('and the new one are each proof enough to hear that the repositories contradict each other', async () => {
		const { services, session } = await withSession();
		const [, s3] = services.repositories;
		const credential = { ...session.credential, ...replaced, previousSecretHash: session.credential.secretHash };
		await s3?.merge(session.id, (stored) => stored && { ...stored, credential });
		const bus = services.bus();
		// Only a session server can tell which one a login has signed.
		expect(await read(bus, session, current)).toMatchObject({ kind: 'unavailable', contradicted: true });
		const touch = (secretHash: SecretHash) =>
			bus({ operation: 'touch', sessionId: session.id, secretHash, seenAtMs: session.createdAtMs + 1 });
		for (const secretHash of [current, session.credential.secretHash])
			expect(await touch(secretHash)).toMatchObject({ kind: 'unavailable', contradicted: true });
		expect(await touch(exampleSecretHash('w'))).toMatchObject({ kind: 'absent' });
	});

	test('shows nothing of a record with another secret but its name', async () => {
		const { services, session } = await withSession();
		const [, s3] = services.repositories;
		const credential = { ...session.credential, generation: 2, secretHash: exampleSecretHash('p') };
		await s3?.merge(session.id, (stored) => stored && { ...stored, credential });
		const loaded = await s3?.load(session.id);
		const bus = services.bus();
		for (const [own, secretHash] of [
			['s3', exampleSecretHash('p')],
			['dynamodb', session.credential.secretHash],
		] as const) {
			const answer = await bus({ operation: 'inspect', sessionId: session.id, secretHash });
			const other = own === 's3' ? session : loaded?.kind === 'found' ? loaded.session : undefined;
			expect(answer).toMatchObject({ kind: 'records', records: [{ repository: own }] });
			expect(answer).toMatchObject({ others: [{ fingerprint: other && fingerprintOf(other) }] });
			expect(JSON.stringify(answer)).not.toContain(other?.credential.secretHash);
		}
	});

	test('is not refused while the repository that may know it does not answer', async () => {
		const { services, session } = await withSession();
		const bus = services.bus((call) => (call.endsWith('s3') ? 'fails' : 'done'));
		expect(await read(bus, session, current)).toMatchObject({ kind: 'unavailable' });
	});
});

describe('a session that asks about its subject', () => {
	const other = 'issuer:mallory';

	async function withTwo() {
		const world = await withSession();
		const asking = sessionAt(world.session.createdAtMs, { subject: other });
		await create(world.services.bus(), asking, { max: 3, action: 'deny' });
		return { ...world, asking };
	}

	test('reaches no session of another subject', async () => {
		const world = await withTwo();
		const before = await stateOf(world);
		const asker = askerOf(world.asking);
		const bus = world.services.bus();
		expect(await bus({ operation: 'list', asker })).toMatchObject({ sessions: [{ id: world.asking.id }] });
		const one = { operation: 'revoke', sessionId: world.session.id, asker, revocation } as const;
		expect(await bus({ ...one, changeId: 'one', proofWanted: false })).toMatchObject({ kind: 'absent' });
		expect(await bus({ operation: 'revokeSubject', asker, revocation, changeId: 'all' })).toMatchObject({ ended: 0 });
		expect(await stateOf(world)).toEqual(before);
	});

	test.each(['ended', 'past its age limit'])('reaches nothing when it has %s', async (how) => {
		const world = await withSession();
		const { services, session } = world;
		const asking = sessionAt(session.createdAtMs, { absoluteExpiresAtMs: session.createdAtMs + 10_000 });
		for (const { merge } of services.repositories)
			await merge(asking.id, () => (how === 'ended' ? withRevocation(asking, revocation) : asking));
		services.clock.advance(10_000 + timingDefaults.skewMs);
		const before = await stateOf(world);
		const asker = askerOf(asking);
		const messages: readonly Message[] = [
			{ operation: 'list', asker },
			{ operation: 'revokeSubject', asker, revocation, changeId: 'all' },
			{ operation: 'revoke', sessionId: session.id, asker, revocation, changeId: 'one', proofWanted: false },
		];
		for (const message of messages) {
			const answer = await services.bus()(message);
			if (how === 'ended') expect(answer).toMatchObject({ kind: 'revoked', session: { id: asking.id } });
			else expect(answer).toMatchObject({ kind: 'unavailable' });
		}
		expect(await stateOf(world)).toEqual(before);
	});
});
