import { beforeEach, describe, expect, test } from 'vitest';
import { everySession } from '../../../functions/control-table/markers.ts';
import { createMemoryMarkers, type MemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import { repairSession } from '../../../functions/repair/repair-session.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session } from '../../../functions/session/session.ts';
import { fingerprintOf } from '../../../functions/session/signed-part.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';
import {
	type CorruptibleRepository,
	createCorruptibleRepository,
} from '../../support/memory/corruptible-repository.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

let dynamodb: CorruptibleRepository;
let s3: CorruptibleRepository;
let markers: MemoryMarkers;
const session = exampleSession();
const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });

beforeEach(() => {
	dynamodb = createCorruptibleRepository('dynamodb');
	s3 = createCorruptibleRepository('s3');
	markers = createMemoryMarkers();
});

const at = { openedAtMs: exampleStartMs, expiresAtMs: session.absoluteExpiresAtMs };

const repair = (subjects = createMemorySubjectIndex(), clock = createSettableClock()) =>
	repairSession({ repositories: [dynamodb, s3], subjects, markers, clock }, session.id);

async function stored(inDynamoDb: Session | undefined, inS3: Session | undefined): Promise<void> {
	if (inDynamoDb !== undefined) await dynamodb.merge(session.id, () => inDynamoDb);
	if (inS3 !== undefined) await s3.merge(session.id, () => inS3);
}

describe('the repair of a session whose record is corrupt in one repository', () => {
	test('moves that record aside and stores the record of the other one', async () => {
		await stored(session, ended);
		dynamodb.spoil(session.id);
		expect(await repair()).toEqual({ kind: 'repaired' });
		expect(dynamodb.quarantined).toEqual(new Set([session.id]));
		expect(await dynamodb.stored(session.id)).toEqual(ended);
		expect(await repair()).toEqual({ kind: 'repaired' });
	});

	test('moves nothing while the other repository does not answer', async () => {
		await stored(session, ended);
		dynamodb.spoil(session.id);
		s3.spoil(session.id, 'unavailable');
		expect(await repair()).toEqual({ kind: 'retry', reason: 's3: unavailable' });
		expect(dynamodb.quarantined.size).toBe(0);
	});

	test.each([
		['has none', async () => undefined],
		['also has a corrupt one', async () => s3.spoil(session.id)],
	])('moves nothing and is hopeless if the other repository %s', async (_what, spoil) => {
		await stored(session, undefined);
		dynamodb.spoil(session.id);
		await spoil();
		expect(await repair()).toMatchObject({ kind: 'hopeless', reason: expect.stringMatching(/no other repository/) });
		expect(dynamodb.quarantined.size).toBe(0);
		expect(s3.quarantined.size).toBe(0);
	});

	test('moves nothing and is hopeless if the other repository missed an acknowledged change', async () => {
		await stored(ended, session);
		await markers.open(session.id, ['s3'], at);
		dynamodb.spoil(session.id);
		expect(await repair()).toMatchObject({ kind: 'hopeless', reason: expect.stringMatching(/s3 may lack a change/) });
		expect(dynamodb.quarantined.size).toBe(0);
		expect(await s3.stored(session.id)).toEqual(session);
	});
});

test('the repair of records that contradict each other changes neither, until a session server tells which one is forged', async () => {
	const forgery = { ...session, credential: { ...session.credential, generation: 2, assuranceLevel: 3 as const } };
	await stored(session, forgery);
	expect(await repair()).toMatchObject({ kind: 'retry', reason: expect.stringMatching(/contradict/) });
	expect([await dynamodb.stored(session.id), await s3.stored(session.id)]).toEqual([session, forgery]);

	const forged = [{ repository: 's3' as const, fingerprint: fingerprintOf(forgery) }];
	const ports = {
		repositories: [dynamodb, s3],
		subjects: createMemorySubjectIndex(),
		markers,
		clock: createSettableClock(),
	};
	expect(await repairSession(ports, session.id, forged)).toEqual({ kind: 'repaired' });
	expect([await dynamodb.stored(session.id), await s3.stored(session.id)]).toEqual([session, session]);
});

test('a forged record is not moved if the other repository missed an acknowledged change', async () => {
	await stored(session, { ...session, subject: 'issuer:root' });
	await markers.open(session.id, ['dynamodb'], at);
	const forged = [{ repository: 's3' as const, fingerprint: fingerprintOf({ ...session, subject: 'issuer:root' }) }];
	const ports = {
		repositories: [dynamodb, s3],
		subjects: createMemorySubjectIndex(),
		markers,
		clock: createSettableClock(),
	};
	expect(await repairSession(ports, session.id, forged)).toMatchObject({ kind: 'hopeless' });
	expect(await s3.stored(session.id)).toMatchObject({ subject: 'issuer:root' });
});

describe('a record that a session server calls forged', () => {
	const forgery = { ...session, credential: { ...session.credential, generation: 2, assuranceLevel: 3 as const } };
	const repairWithout = (
		name: 'dynamodb' | 's3',
		named: Session,
		repositories: readonly Repository[] = [dynamodb, s3],
	) =>
		repairSession(
			{ repositories, subjects: createMemorySubjectIndex(), markers, clock: createSettableClock() },
			session.id,
			[{ repository: name, fingerprint: fingerprintOf(named) }],
		);
	/** Lets another function act between two calls of the repair. */
	const afterLoadOf = (repository: Repository, happens: () => Promise<unknown>): Repository => ({
		...repository,
		load: async (id) => {
			const loaded = await repository.load(id);
			await happens();
			return loaded;
		},
	});

	test.each([
		['a logout', ended],
		['a change', { ...session, attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } }],
	])('stays if the other one says the same of the login, with %s that only it has', async (_what, changed) => {
		// Its marker is still on the way.
		await stored(changed, session);
		expect(await repairWithout('dynamodb', session)).toEqual({ kind: 'repaired' });
		expect([await dynamodb.stored(session.id), await s3.stored(session.id)]).toEqual([changed, changed]);
	});

	test('ends the session if it is a tombstone', async () => {
		await stored(ended, forgery);
		expect(await repairWithout('dynamodb', session)).toEqual({ kind: 'repaired' });
		for (const { load } of [dynamodb, s3])
			expect(await load(session.id)).toMatchObject({ session: { revocation: ended.revocation } });
	});

	test('is not moved aside with a logout that came after it was read', async () => {
		await stored(forgery, session);
		const logout = () =>
			dynamodb.merge(session.id, (found) => found && withRevocation(found, { atMs: 1, reason: 'logout' }));
		await repairWithout('dynamodb', forgery, [afterLoadOf(dynamodb, logout), s3]);
		expect(await dynamodb.stored(session.id)).toMatchObject({ revocation: { atMs: 1 } });
		expect(await repairWithout('dynamodb', forgery)).toEqual({ kind: 'repaired' });
		expect(await s3.stored(session.id)).toMatchObject({ revocation: { atMs: 1 } });
	});

	test('does not spread if it is written while the repair runs', async () => {
		await stored(session, undefined);
		const store = () => s3.merge(session.id, () => forgery);
		const repositories = [dynamodb, afterLoadOf(s3, store)];
		expect(await repairWithout('dynamodb', forgery, repositories)).toMatchObject({ kind: 'retry' });
		expect(await dynamodb.stored(session.id)).toEqual(session);
	});
});

describe('the end of a session whose record was called forged', () => {
	const forged = [{ repository: 'dynamodb' as const, fingerprint: fingerprintOf(session) }];
	const repairForged = (repositories = [dynamodb, s3]) =>
		repairSession(
			{ repositories, subjects: createMemorySubjectIndex(), markers, clock: createSettableClock() },
			session.id,
			forged,
		);

	test('is not moved aside with it, but spreads', async () => {
		await stored(ended, session);
		expect(await repairForged()).toEqual({ kind: 'repaired' });
		expect([await dynamodb.stored(session.id), await s3.stored(session.id)]).toEqual([ended, ended]);
	});
});

test('a record that a later version of Leasehold wrote is never moved, and its repair is tried again', async () => {
	await stored(session, ended);
	dynamodb.spoil(session.id, 'unknown-schema');
	expect(await repair()).toEqual({ kind: 'retry', reason: 'dynamodb: unknown-schema' });
	expect(dynamodb.quarantined.size).toBe(0);
});

describe('the markers of a session', () => {
	test('are settled by its repair, also if no repository has the session', async () => {
		await markers.open(session.id, ['dynamodb', 's3'], at);
		expect(await repair()).toEqual({ kind: 'repaired' });
		expect(markers.listOpen()).toEqual([]);
	});

	test('stay open if a change was missed while the repair ran', async () => {
		await stored(session, ended);
		await markers.open(session.id, ['dynamodb'], at);
		const { load } = s3;
		s3 = {
			...s3,
			load: async (id) => {
				await markers.open(id, ['dynamodb'], at);
				return load(id);
			},
		};
		expect(await repair()).toEqual({ kind: 'repaired' });
		expect(markers.listOpen()).toEqual([{ id: session.id, missing: 'dynamodb' }]);
		s3 = { ...s3, load };
		expect(await repair()).toEqual({ kind: 'repaired' });
		expect(markers.listOpen()).toEqual([]);
	});

	test('stay open if a repository did not take the change', async () => {
		await stored(session, ended);
		await markers.open(session.id, ['dynamodb'], at);
		dynamodb = { ...dynamodb, merge: async () => ({ kind: 'failed', reason: 'unavailable', cause: undefined }) };
		expect(await repair()).toMatchObject({ kind: 'retry' });
		expect(markers.listOpen()).toHaveLength(1);
	});

	test.each(['look', 'settle'] as const)(
		'make the repair come again if the control table does not answer (%s)',
		async (call) => {
			await stored(session, ended);
			await markers.open(session.id, ['dynamodb'], at);
			const silent = async () => {
				throw new Unreachable('control table', undefined);
			};
			const ports = {
				repositories: [dynamodb, s3],
				subjects: createMemorySubjectIndex(),
				clock: createSettableClock(),
			};
			const repaired = await repairSession({ ...ports, markers: { ...markers, [call]: silent } }, session.id);
			expect(repaired).toEqual({ kind: 'retry', reason: 'control table did not answer' });
			expect(markers.listOpen()).toHaveLength(1);
		},
	);

	test('keep a corrupt record in its place while the other repository may lack changes of every session', async () => {
		await stored(ended, session);
		await markers.open(everySession, ['s3'], { ...at, expiresAtMs: undefined });
		dynamodb.spoil(session.id);
		expect(await repair()).toMatchObject({ kind: 'hopeless', reason: expect.stringMatching(/s3 may lack a change/) });
	});

	test('let a corrupt record be moved aside if it is the one that lacks the change', async () => {
		await stored(session, ended);
		await markers.open(session.id, ['dynamodb'], at);
		dynamodb.spoil(session.id);
		expect(await repair()).toEqual({ kind: 'repaired' });
		expect(await dynamodb.stored(session.id)).toEqual(ended);
	});
});

describe('the repair of a session without an entry in the index', () => {
	const entriesAfter = async (stored: Session, nowMs = exampleStartMs) => {
		await s3.merge(session.id, () => stored);
		const subjects = createMemorySubjectIndex();
		expect(await repair(subjects, createSettableClock(nowMs))).toEqual({ kind: 'repaired' });
		return subjects.read(session.subject);
	};

	test('adds the entry while the session may still be used', async () => {
		expect(await entriesAfter(session)).toMatchObject({ entries: [{ id: session.id }] });
	});

	test('adds no entry for a session that has ended', async () => {
		expect(await entriesAfter(ended)).toMatchObject({ entries: [] });
	});

	test('adds no entry for a session that has reached its absolute expiry', async () => {
		expect(await entriesAfter(session, session.absoluteExpiresAtMs)).toMatchObject({ entries: [] });
	});
});
