import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { place } from '../../../functions/repositories/placement.ts';
import type { Merged, Repository } from '../../../functions/repositories/repository.ts';
import { spread } from '../../../functions/repositories/spread.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Session } from '../../../functions/session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../../../functions/session/stub.ts';
import { arbitraryRecord, arbitrarySession } from '../../support/arbitrary-session.ts';
import { exampleSession } from '../../support/example-session.ts';

const arbitraryFit = fc.integer({ min: 0, max: 4 }).map((max) => (session: Session) => attributesOf(session) <= max);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });

function attributesOf({ attributes }: Session): number {
	return Object.keys(attributes).length;
}

test('a repository without room for all attributes drops only those that another one holds', () => {
	fc.assert(
		fc.property(
			maybe(arbitraryRecord),
			arbitraryRecord,
			arbitraryFit,
			maybe(arbitraryRecord),
			(stored, proposed, fits, heldElsewhere) => {
				const join = stored === undefined ? proposed : merge(stored, proposed);
				const placement = place(stored, () => proposed, fits, heldElsewhere);
				if (placement.kind === 'nothing') return;
				if (placement.kind === 'too-large') {
					expect(placement.session).toEqual(join);
					expect(holdsAttributesOf(heldElsewhere, join)).toBe(false);
					return;
				}
				if (placement.session.revocation !== undefined || isWhole(placement.session)) {
					expect(placement.session).toEqual(join);
					expect(join.revocation !== undefined || fits(join)).toBe(true);
				} else {
					expect(merge(placement.session, stubOf(join))).toBe(placement.session);
					const kept = holdsAttributesOf(wholeFrom(placement.session), join);
					expect(kept || holdsAttributesOf(heldElsewhere, join)).toBe(true);
				}
			},
		),
		{ numRuns: 2_000 },
	);
});

test('a stub remains a stub, even if a whole record is merged into it, until it is a tombstone', () => {
	fc.assert(
		fc.property(arbitrarySession, arbitrarySession, maybe(arbitrarySession), (before, proposed, heldElsewhere) => {
			const stub = stubOf(before);
			const placement = place(
				stub,
				() => proposed,
				() => true,
				heldElsewhere,
			);
			if (placement.kind === 'write' && placement.session.revocation === undefined)
				expect([isWhole(placement.session), attributesOf(placement.session)]).toEqual([false, 0]);
		}),
	);
});

test('records that are spread over two repositories end up whole in the one that has room', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(arbitrarySession, { minLength: 1, maxLength: 6 }),
			arbitraryFit,
			async (sessions, fits) => {
				const small = createMemoryRepository('dynamodb', fits);
				const large = createMemoryRepository('s3');
				for (const session of sessions) {
					const { holders, whole } = await spread([small, large], session.id, () => session);
					expect([holders.length, whole === undefined]).toEqual([2, false]);
				}
				const join = sessions.reduce((a, b) => merge(a, b));
				const [inSmall, inLarge] = [await sessionIn(small), await sessionIn(large)];
				expect(inLarge).toEqual(join);
				expect(isWhole(inSmall) ? inSmall : { ...inSmall, partial: true }).toEqual(
					isWhole(inSmall) ? join : stubOf(join),
				);
			},
		),
		{ numRuns: 500 },
	);
});

test('if the repository that has room is down, the other one keeps its attributes and stores no stub', async () => {
	const small = createMemoryRepository('dynamodb', (session) => attributesOf(session) === 0);
	const away: Repository = {
		...createMemoryRepository('s3'),
		merge: async () => ({ kind: 'failed', reason: 'unavailable', cause: undefined }) satisfies Merged,
	};
	const session = exampleSession();
	await small.merge(session.id, () => session);
	const change = exampleSession({ attributes: { theme: { stamp: '000000001.0000.a' as never, value: 'dark' } } });
	expect(await spread([small, away], session.id, () => change)).toMatchObject({ holders: [], whole: undefined });
	expect(await sessionIn(small)).toEqual(session);
});

async function sessionIn(repository: Repository): Promise<Session> {
	const loaded = await repository.load(exampleSession().id);
	if (loaded.kind !== 'found') throw new Error('the session is not there');
	return loaded.session;
}

/** A record with these attributes, as if it were whole. */
function wholeFrom({ partial: _, ...session }: Session): Session {
	return session;
}
