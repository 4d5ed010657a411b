import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
	type Listed,
	listPageMax,
	type Merged,
	type Propose,
	type Repository,
} from '../../functions/repositories/repository.ts';
import type { Tally } from '../../functions/repositories/tally.ts';
import { attributeBytesMax, withAttributes, withRevocation } from '../../functions/session/changes.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import type { InstanceId, Session, SessionId } from '../../functions/session/session.ts';
import { makeStamp } from '../../functions/session/stamp.ts';
import {
	exampleInstanceId,
	exampleSecretHash,
	exampleSession,
	exampleStamp,
	exampleStartMs,
} from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import { largeAttributes } from '../support/large-attributes.ts';

/** A store to run the contract against. */
export interface RepositoryBed {
	/** Opens the repository with its own client. */
	open(): Repository;
	close?(): Promise<void>;
}

/** The contract of every adapter of the `Repository` port. */
export function repositoryContract(name: string, create: () => Promise<RepositoryBed>): void {
	describe(`the ${name} repository`, () => {
		let bed: RepositoryBed;
		let repository: Repository;
		beforeAll(async () => {
			bed = await create();
			repository = bed.open();
		});
		afterAll(() => bed.close?.());

		test('reports a session that it never stored as absent', async () => {
			expect(await repository.load(freshSessionId())).toEqual({ kind: 'absent' });
		});

		test('creates a session by a merge without a stored record', async () => {
			const session = freshSession();
			expect(await repository.merge(session.id, () => session)).toEqual({ kind: 'stored', session });
			expect(await bed.open().load(session.id)).toEqual({ kind: 'found', session });
		});

		test('creates a session that is said to be new', async () => {
			const session = freshSession();
			expect(await repository.merge(session.id, () => session, undefined, true)).toEqual({ kind: 'stored', session });
			expect(await loaded(session.id)).toEqual(session);
		});

		test('merges into the record of a session that is wrongly said to be new', async () => {
			const session = attributed(freshSession(), 'first', 1);
			await stored(session);
			const asNew = (propose: Propose) => bed.open().merge(session.id, propose, undefined, true);
			const ifAbsent = await asNew((current) => (current === undefined ? attributed(session, 'other', 2) : undefined));
			expect(ifAbsent).toEqual({ kind: 'stored', session });
			expect(await asNew(() => undefined)).toEqual({ kind: 'stored', session });
			const other = attributed(session, 'second', 2);
			const merged = sessionOf(await asNew(() => other));
			expect(Object.keys(merged?.attributes ?? {}).sort()).toEqual(['first', 'second']);
			expect(await loaded(session.id)).toEqual(merged);
		});

		test('lists every session on one of its pages, and nothing else', async () => {
			const ids = new Set<SessionId>();
			for (let index = 0; index < listPageMax + 5; index++) ids.add((await stored(freshSession())).id);
			await repository.tally.write({ count: 1, atMs: 1 }, await tallyOf());
			const listed = new Set<SessionId>();
			for (let after: string | undefined = undefined, pages = 0; pages < 50; pages++) {
				const page: Listed = await bed.open().list(after);
				if (page.kind !== 'listed') throw new Error('the page could not be listed', { cause: page.cause });
				expect(page.ids.length).toBeLessThanOrEqual(listPageMax);
				for (const id of page.ids) {
					expect(listed.has(id)).toBe(false);
					listed.add(id);
					expect(await repository.load(id)).toMatchObject({ kind: 'found' });
				}
				after = page.next;
				if (after === undefined) break;
			}
			for (const id of ids) expect(listed).toContain(id);
		});

		test('returns every field of a session as it was stored', async () => {
			for (const session of [fullSession(), withRevocation(fullSession(), { atMs: exampleStartMs, reason: 'quota' })]) {
				await repository.merge(session.id, () => session);
				expect(await bed.open().load(session.id)).toStrictEqual({ kind: 'found', session });
			}
		});

		test('throws the error of a proposal instead of reporting an outage', async () => {
			const { id } = await stored(freshSession());
			const bug = repository.merge(id, () => {
				throw new TypeError('a bug');
			});
			await expect(bug).rejects.toThrow('a bug');
		});

		test('keeps more attributes than clients may have at any one time', async () => {
			const session = await stored(freshSession());
			for (const names of ['a', 'b', 'c']) {
				const changes = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`${names}${index}`, index]));
				await repository.merge(
					session.id,
					change((current) => withAttributes(current, changes, makeStamp(exampleStartMs, 0, names)) as Session),
				);
			}
			const loaded = await repository.load(session.id);
			expect(loaded.kind === 'found' && Object.keys(loaded.session.attributes).length).toBeGreaterThanOrEqual(120);
		});

		test('keeps sessions apart', async () => {
			const [one, other] = [await stored(freshSession()), await stored(freshSession())];
			await repository.merge(
				one.id,
				change((session) => withActivity(session, exampleStartMs + 5)),
			);
			expect(await repository.load(other.id)).toEqual({ kind: 'found', session: other });
		});

		test('stores the join of the proposed and the stored record', async () => {
			const session = await stored(freshSession());
			const first = await repository.merge(session.id, () => attributed(session, 'theme', 1));
			const second = await bed.open().merge(session.id, () => attributed(session, 'cart', 2));
			const both = { theme: { stamp: exampleStamp(1), value: 1 }, cart: { stamp: exampleStamp(2), value: 2 } };
			expect(first).toMatchObject({ kind: 'stored', session: { attributes: { theme: both.theme } } });
			expect(second).toMatchObject({ kind: 'stored', session: { attributes: both } });
			expect(await loaded(session.id)).toMatchObject({ attributes: both });
		});

		test('calls the proposal with the stored record, or without one if there is none', async () => {
			const seen: (Session | undefined)[] = [];
			const session = freshSession();
			const look: Propose = (current) => {
				seen.push(current);
				return session;
			};
			await repository.merge(session.id, look);
			await bed.open().merge(session.id, look);
			expect(seen).toEqual([undefined, session]);
		});

		test('writes nothing if nothing is proposed', async () => {
			const id = freshSessionId();
			expect(await repository.merge(id, () => undefined)).toEqual({ kind: 'stored', session: undefined });
			expect(await repository.load(id)).toEqual({ kind: 'absent' });
			const session = await stored(freshSession());
			expect(await repository.merge(session.id, () => undefined)).toEqual({ kind: 'stored', session });
			expect(await loaded(session.id)).toEqual(session);
		});

		test('answers a repeated merge with the stored record', async () => {
			const session = await stored(freshSession());
			const changed = attributed(session, 'theme', 1);
			await repository.merge(session.id, () => changed);
			expect(await bed.open().merge(session.id, () => changed)).toEqual({ kind: 'stored', session: changed });
			expect(await bed.open().merge(session.id, () => session)).toEqual({ kind: 'stored', session: changed });
		});

		test('keeps a tombstone if an older, live record is merged later', async () => {
			const session = await stored(freshSession());
			const tombstone = withRevocation(session, { atMs: exampleStartMs + 1, reason: 'logout' });
			await repository.merge(session.id, () => tombstone);
			const live = owned(attributed(session, 'theme', 99), exampleInstanceId(7));
			const merged = await bed.open().merge(session.id, () => live);
			for (const after of [sessionOf(merged), await loaded(session.id)]) {
				expect(after?.revocation).toEqual(tombstone.revocation);
				expect(after?.attributes).toEqual({});
			}
		});

		test('loses none of twenty changes that as many clients make at once', { timeout: 60_000 }, async () => {
			const session = await stored(freshSession());
			const names = Array.from({ length: 20 }, (_, index) => `a${index}`);
			await Promise.all(
				names.map((name, index) => acknowledged(bed.open(), session.id, change(attributing(name, index)))),
			);
			const after = await loaded(session.id);
			const values = Object.fromEntries(
				names.map((name, index) => [name, { stamp: exampleStamp(index), value: index }]),
			);
			expect(after?.attributes).toEqual(values);
		});

		test('completes a few concurrent merges without a failure', async () => {
			for (let round = 0; round < 10; round++) {
				const session = freshSession();
				const merges = Array.from({ length: 4 }, (_, index) =>
					bed.open().merge(session.id, (current) => attributed(current ?? session, `a${index}`, index)),
				);
				for (const merged of await Promise.all(merges)) expect(merged).toMatchObject({ kind: 'stored' });
				expect(Object.keys((await loaded(session.id))?.attributes ?? {}).sort()).toEqual(['a0', 'a1', 'a2', 'a3']);
			}
		});

		test('merges concurrent creations of one session into one join', { timeout: 60_000 }, async () => {
			const session = freshSession();
			const variants = Array.from({ length: 8 }, (_, index) => attributed(session, `a${index}`, index));
			await Promise.all(variants.map((variant) => acknowledged(bed.open(), session.id, () => variant)));
			expect(Object.keys((await loaded(session.id))?.attributes ?? {}).sort()).toEqual(
				variants.flatMap(({ attributes }) => Object.keys(attributes)),
			);
		});

		test('gives each epoch to only one of several adopters', { timeout: 60_000 }, async () => {
			const session = await stored(freshSession());
			const adopters = Array.from({ length: 8 }, (_, index) => exampleInstanceId(10 + index));
			const results = await Promise.all(
				adopters.map((adopter) =>
					acknowledged(
						bed.open(),
						session.id,
						change((current) => (current.owner.epoch === 1 ? owned(current, adopter) : current)),
					),
				),
			);
			const owner = (await loaded(session.id))?.owner;
			expect(owner?.epoch).toBe(2);
			expect(new Set(results.map((result) => result?.owner.instanceId))).toEqual(new Set([owner?.instanceId]));
		});

		test('loads every merge that was answered before, by any client', async () => {
			const session = await stored(freshSession());
			for (let round = 1; round <= 10; round++) {
				await bed.open().merge(
					session.id,
					change((current) => withActivity(current, exampleStartMs + round)),
				);
				expect((await sessionLoaded(bed.open(), session.id))?.lastSeenAtMs).toBe(exampleStartMs + round);
			}
		});

		test('stores a session of the largest size, or reports that it does not fit', async () => {
			const session = freshSession();
			const full = { ...session, attributes: largeAttributes(0.95 * attributeBytesMax, exampleStamp(1)) };
			const merged = await repository.merge(session.id, () => full);
			if (merged.kind === 'too-large') {
				expect(merged.session).toEqual(full);
				expect(await repository.load(session.id)).toEqual({ kind: 'absent' });
			} else expect(await bed.open().load(session.id)).toEqual({ kind: 'found', session: full });
		});

		test('leaves a readable record in place if it is asked to move a corrupt one aside', async () => {
			expect(await repository.quarantine(freshSessionId())).toEqual({ kind: 'kept' });
			const session = await stored(freshSession());
			expect(await bed.open().quarantine(session.id)).toEqual({ kind: 'kept' });
			expect(await loaded(session.id)).toEqual(session);
			const long = await stored({ ...freshSession(), attributes: largeAttributes(20_000, exampleStamp(1)) });
			expect(await bed.open().quarantine(long.id)).toEqual({ kind: 'kept' });
			expect(await loaded(long.id)).toEqual(long);
		});

		test('moves a readable record aside only if it is the forged one, and then takes another', async () => {
			const session = await stored(freshSession());
			const forged = await stored({ ...freshSession(), subject: 'issuer:mallory' });
			const isForged = ({ subject }: Session) => subject === 'issuer:mallory';
			expect(await bed.open().quarantine(session.id, isForged)).toEqual({ kind: 'kept' });
			expect(await loaded(session.id)).toEqual(session);
			expect(await bed.open().quarantine(forged.id, isForged)).toEqual({ kind: 'moved' });
			expect(await bed.open().load(forged.id)).toEqual({ kind: 'absent' });
			const genuine = { ...forged, subject: session.subject };
			expect(await repository.merge(forged.id, () => genuine)).toEqual({ kind: 'stored', session: genuine });
			expect(await bed.open().quarantine(forged.id, isForged)).toEqual({ kind: 'kept' });
		});

		test('keeps a tally, and writes it only over the one that was seen', async () => {
			const { write } = bed.open().tally;
			const before = await tallyOf();
			expect(await write({ count: 8, atMs: 1_000 }, before)).toEqual({ kind: 'written' });
			const first = await tallyOf();
			expect(first).toMatchObject({ count: 8, atMs: 1_000 });
			for (const stale of [undefined, before])
				expect(await write({ count: 9, atMs: 2_000 }, stale)).toEqual({ kind: 'conflict' });
			expect(await write({ count: 9, atMs: 2_000 }, first)).toEqual({ kind: 'written' });
			expect(await write({ count: 9, atMs: 2_000 }, first)).toEqual({ kind: 'conflict' });
			expect(await tallyOf()).toMatchObject({ count: 9, atMs: 2_000 });
			// The same figures once more, so that only the revision differs.
			expect(await write({ count: 8, atMs: 1_000 }, await tallyOf())).toEqual({ kind: 'written' });
			expect(await write({ count: 9, atMs: 2_000 }, first)).toEqual({ kind: 'conflict' });
		});

		async function tallyOf(): Promise<Tally | undefined> {
			const read = await bed.open().tally.read();
			if (read.kind === 'failed') throw new Error('the tally could not be read', { cause: read.cause });
			return read.tally;
		}

		async function stored(session: Session): Promise<Session> {
			expect(await repository.merge(session.id, () => session)).toMatchObject({ kind: 'stored' });
			return session;
		}

		async function loaded(id: SessionId): Promise<Session | undefined> {
			return sessionLoaded(bed.open(), id);
		}
	});
}

function freshSession(): Session {
	return exampleSession({ id: freshSessionId() });
}

function fullSession(): Session {
	return exampleSession({
		id: freshSessionId(),
		subject: 'issuer:ünï "quoted" \\ \u0000 \ud83d\ude00',
		credential: {
			generation: 3,
			secretHash: exampleSecretHash('s'),
			previousSecretHash: exampleSecretHash('p'),
			graceUntilMs: exampleStartMs + 30_000,
			assuranceLevel: 3,
			authenticatedAtMs: exampleStartMs - 1,
			scopes: ['read', 'a b'],
		},
		owner: { epoch: 4, instanceId: exampleInstanceId(3) },
		attributes: {
			text: { stamp: exampleStamp(1), value: '<é\ud83d\ude00\n\u2028>' },
			empty: { stamp: exampleStamp(2, 35, 'me'), value: '' },
			number: { stamp: exampleStamp(3), value: -1.5e-7 },
			flag: { stamp: exampleStamp(4), value: false },
			gone: { stamp: makeStamp(0, 0, 'n'), deleted: true },
		},
	});
}

function attributing(name: string, value: number): (session: Session) => Session {
	return (session) => attributed(session, name, value);
}

/** `session` with an attribute whose stamp is `value` milliseconds after its creation. */
function attributed(session: Session, name: string, value: number): Session {
	const changed = withAttributes(session, { [name]: value }, exampleStamp(value));
	if (changed === 'outdated') throw new Error('the change is outdated');
	return changed;
}

/** `session` adopted by `instanceId` in the next epoch. */
function owned(session: Session, instanceId: InstanceId): Session {
	return { ...session, owner: { epoch: session.owner.epoch + 1, instanceId } };
}

/** Proposes a change of the stored session. */
function change(make: (session: Session) => Session): Propose {
	return (current) => (current === undefined ? undefined : make(current));
}

/** Repeats a merge until it is acknowledged. With many conflicts a merge may fail. */
async function acknowledged(repository: Repository, id: SessionId, propose: Propose): Promise<Session | undefined> {
	for (let attempt = 0; attempt < 50; attempt++) {
		const merged = await repository.merge(id, propose);
		if (merged.kind === 'stored') return merged.session;
		expect(merged).toMatchObject({ kind: 'failed', reason: 'unavailable' });
	}
	throw new Error('never acknowledged');
}

function sessionOf(merged: Merged): Session | undefined {
	return merged.kind === 'stored' ? merged.session : undefined;
}

async function sessionLoaded(repository: Repository, id: SessionId): Promise<Session | undefined> {
	const result = await repository.load(id);
	if (result.kind === 'failed') throw new Error('the load failed', { cause: result.cause });
	return result.kind === 'found' ? result.session : undefined;
}
