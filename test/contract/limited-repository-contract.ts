import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Repository } from '../../functions/repositories/repository.ts';
import { withAttributes, withRevocation } from '../../functions/session/changes.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import { merge } from '../../functions/session/merge.ts';
import type { Session, SessionId } from '../../functions/session/session.ts';
import { isWhole, stubOf } from '../../functions/session/stub.ts';
import { exampleInstanceId, exampleSession, exampleStamp, exampleStartMs } from '../support/example-session.ts';
import { freshSessionId } from '../support/fresh-ids.ts';
import type { RepositoryBed } from './repository-contract.ts';

/** The contract of `Repository` adapters with a limit. `tooMuch`: attributes that do not fit. */
export function limitedRepositoryContract(
	name: string,
	tooMuch: Session['attributes'],
	create: () => Promise<RepositoryBed>,
): void {
	describe(`the ${name} repository, with a session that does not fit`, () => {
		let bed: RepositoryBed;
		let repository: Repository;
		beforeAll(async () => {
			bed = await create();
			repository = bed.open();
		});
		afterAll(() => bed.close?.());

		const small = () =>
			exampleSession({ id: freshSessionId(), attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
		const grown = (session: Session): Session => ({ ...session, attributes: { ...session.attributes, ...tooMuch } });

		test('writes nothing, keeps its record, and returns the join', async () => {
			const session = small();
			await repository.merge(session.id, () => session);
			const large = grown({ ...session, attributes: {} });
			expect(await repository.merge(session.id, () => large)).toEqual({ kind: 'too-large', session: grown(session) });
			expect(await loaded(session.id)).toEqual(session);
		});

		test('writes nothing while another repository lacks an attribute, has an older one, or has only a stub', async () => {
			const session = small();
			await repository.merge(session.id, () => session);
			const large = grown(session);
			const outdated = merge(large, { ...large, attributes: {} });
			for (const held of [
				{ ...large, attributes: tooMuch },
				{ ...large, attributes: { ...tooMuch, theme: { stamp: exampleStamp(0), value: 'light' } } },
				{ ...outdated, partial: true as const },
				stubOf(large),
			])
				expect(await repository.merge(session.id, () => large, held)).toEqual({ kind: 'too-large', session: large });
			expect(await loaded(session.id)).toEqual(session);
		});

		test('stores a stub once another repository has all attributes or newer ones', async () => {
			const session = small();
			await repository.merge(session.id, () => session);
			const large = grown(session);
			const newer = withAttributes(large, { theme: 'light' }, exampleStamp(5)) as Session;
			const merged = await repository.merge(session.id, () => large, newer);
			expect(merged).toEqual({ kind: 'stored', session: stubOf(large) });
			expect(await loaded(session.id)).toEqual(stubOf(large));
		});

		test('stores a stub of a session that it did not have', async () => {
			const large = grown(small());
			expect(await repository.merge(large.id, () => large, large)).toEqual({ kind: 'stored', session: stubOf(large) });
			expect(await loaded(large.id)).toEqual(stubOf(large));
		});

		test('merges activity and owner into its stub without knowing what other repositories hold', async () => {
			const { id } = await storedStub();
			const owner = { epoch: 2, instanceId: exampleInstanceId(9) };
			const change = (stub: Session | undefined) => stub && { ...withActivity(stub, exampleStartMs + 9), owner };
			const merged = await repository.merge(id, change);
			expect(merged).toMatchObject({ kind: 'stored', session: { owner, partial: true } });
			expect(await loaded(id)).toMatchObject({ owner, lastSeenAtMs: exampleStartMs + 9, partial: true });
		});

		test('keeps its stub partial, even if small whole records are merged into it', async () => {
			const before = small();
			const stub = await storedStub(before);
			expect(await repository.merge(before.id, () => before)).toEqual({ kind: 'too-large', session: before });
			expect(await repository.merge(before.id, () => before, grown(before))).toEqual({ kind: 'stored', session: stub });
			expect(await loaded(before.id)).toEqual(stub);
		});

		test('stores a stub of a session that fits if a stub is proposed and another repository has it whole', async () => {
			const session = small();
			await repository.merge(session.id, () => session);
			const asked = () => stubOf(session);
			expect(await repository.merge(session.id, asked)).toEqual({ kind: 'too-large', session });
			expect(await repository.merge(session.id, asked, session)).toEqual({ kind: 'stored', session: stubOf(session) });
			expect(await loaded(session.id)).toEqual(stubOf(session));
		});

		test('turns a stub into a tombstone like any record', async () => {
			const { id } = await storedStub();
			const revocation = { atMs: exampleStartMs + 1, reason: 'logout' } as const;
			await repository.merge(id, (stub) => stub && withRevocation(stub, revocation));
			const tombstone = await loaded(id);
			expect(tombstone).toMatchObject({ revocation, attributes: {} });
			expect(tombstone !== undefined && isWhole(tombstone)).toBe(true);
		});

		async function storedStub(session = small()): Promise<Session> {
			const large = grown(session);
			await repository.merge(session.id, () => large, large);
			return stubOf(large);
		}

		async function loaded(id: SessionId): Promise<Session | undefined> {
			const result = await bed.open().load(id);
			return result.kind === 'found' ? result.session : undefined;
		}
	});
}
