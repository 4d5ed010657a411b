import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lifeOf } from '../../../functions/session/lifetime.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Session } from '../../../functions/session/session.ts';
import { isWhole, stubOf } from '../../../functions/session/stub.ts';
import { arbitraryRecord, arbitraryUnrevokedSession } from '../../support/arbitrary-session.ts';
import {
	exampleInstanceId,
	exampleSession,
	exampleSessionId,
	exampleStamp,
	exampleStartMs,
} from '../../support/example-session.ts';

const pairs = fc.tuple(arbitraryRecord, arbitraryRecord);

function assertForPairs(check: (a: Session, b: Session, join: Session) => void): void {
	fc.assert(
		fc.property(pairs, ([a, b]) => {
			check(a, b, merge(a, b));
		}),
		{ numRuns: 1_000 },
	);
}

test('the order of two records does not matter to their join', () => {
	assertForPairs((a, b, join) => expect(merge(b, a)).toStrictEqual(join));
});

test('the order in which three records are merged does not matter to their join', () => {
	fc.assert(
		fc.property(arbitraryRecord, arbitraryRecord, arbitraryRecord, (a, b, c) => {
			expect(merge(merge(a, b), c)).toStrictEqual(merge(a, merge(b, c)));
		}),
		{ numRuns: 2_000 },
	);
});

test('a record merged with an equal one is the very same object', () => {
	fc.assert(
		fc.property(arbitraryRecord, (session) => {
			expect(merge(session, structuredClone(session))).toBe(session);
			expect(merge(session, session)).toBe(session);
		}),
	);
});

test('a join merged with one of its parts, on either side, is the very same object', () => {
	assertForPairs((a, b, join) => {
		for (const part of [a, b]) {
			expect(merge(join, structuredClone(part))).toBe(join);
			if (!isDeepStrictEqual(part, join)) expect(merge(part, join)).toBe(join);
		}
	});
});

test('a merge changes neither of its records', () => {
	assertForPairs((a, b) => {
		const before = structuredClone([a, b]);
		merge(a, b);
		expect([a, b]).toStrictEqual(before);
	});
});

test('a revocation is never undone, and the earlier one is kept', () => {
	assertForPairs((a, b, join) => {
		const revokedAtMs = [a, b].flatMap(({ revocation }) => (revocation === undefined ? [] : [revocation.atMs]));
		expect(join.revocation?.atMs).toBe(revokedAtMs.length === 0 ? undefined : Math.min(...revokedAtMs));
	});
});

test('a tombstone has no attributes', () => {
	assertForPairs((_a, _b, join) => {
		if (join.revocation !== undefined) expect(join.attributes).toEqual({});
	});
});

test('a join is partial if both records are, unless it is a tombstone', () => {
	assertForPairs((a, b, join) => {
		expect(isWhole(join)).toBe(isWhole(a) || isWhole(b) || join.revocation !== undefined);
	});
});

test('a stub adds all but attributes to a join and removes none', () => {
	assertForPairs((a, b, join) => {
		if (!isWhole(b) || join.revocation !== undefined) return;
		const { conditionalChanges: _, ...rest } = join;
		const { attributes, conditionalChanges } = b;
		expect(merge(stubOf(a), b)).toEqual({ ...rest, attributes, ...(conditionalChanges && { conditionalChanges }) });
	});
});

test('neither the age limit nor the idle timeout is ever lengthened', () => {
	assertForPairs((a, b, join) => {
		expect(join.absoluteExpiresAtMs).toBe(Math.min(a.absoluteExpiresAtMs, b.absoluteExpiresAtMs));
		expect(join.idleTimeoutMs).toBe(Math.min(a.idleTimeoutMs, b.idleTimeoutMs));
	});
});

test('a session that is past its age limit in one record is past it in the join', () => {
	fc.assert(
		fc.property(pairs, fc.integer({ min: 0, max: 3_600_001 }), ([a, b], elapsed) => {
			const nowMs = exampleStartMs + elapsed;
			if ([lifeOf(a, nowMs), lifeOf(b, nowMs)].includes('expired-absolute'))
				expect(lifeOf(merge(a, b), nowMs)).toMatch(/^(expired-absolute|revoked)$/);
		}),
	);
});

test('the latest activity is kept', () => {
	assertForPairs((a, b, join) => expect(join.lastSeenAtMs).toBe(Math.max(a.lastSeenAtMs, b.lastSeenAtMs)));
});

test('the owner of the later epoch wins as a whole', () => {
	assertForPairs((a, b, join) => {
		const latest = [a.owner, b.owner].filter(({ epoch }) => epoch === Math.max(a.owner.epoch, b.owner.epoch));
		expect(latest).toContainEqual(join.owner);
	});
});

test('the credential of the higher generation wins as a whole', () => {
	assertForPairs((a, b, join) => {
		const highest = Math.max(a.credential.generation, b.credential.generation);
		const candidates = [a.credential, b.credential].filter(({ generation }) => generation === highest);
		expect(candidates).toContainEqual(join.credential);
	});
});

test('each attribute, even a deleted one, keeps its newest stamp and the value that was written with it', () => {
	fc.assert(
		fc.property(arbitraryUnrevokedSession, arbitraryUnrevokedSession, (a, b) => {
			const { attributes } = merge(a, b);
			const names = new Set([...Object.keys(a.attributes), ...Object.keys(b.attributes)]);
			expect(new Set(Object.keys(attributes))).toEqual(names);
			for (const name of names) {
				const versions = [a, b].flatMap((session) => own(session, name));
				const newest = versions.reduce((latest, { stamp }) => (stamp > latest ? stamp : latest), '');
				expect(versions.filter(({ stamp }) => stamp === newest)).toContainEqual(attributes[name]);
			}
		}),
		{ numRuns: 1_000 },
	);
});

test('a deletion is not undone by an older value that arrives later', () => {
	const deleted = exampleSession({ attributes: { theme: { stamp: exampleStamp(2), deleted: true } } });
	const older = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
	expect(merge(deleted, older)).toBe(deleted);
	expect(merge(older, deleted)).toBe(deleted);
});

test('changes of different attributes are both kept', () => {
	const one = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
	const other = exampleSession({ attributes: { cart: { stamp: exampleStamp(2), value: 3 } } });
	expect(merge(one, other).attributes).toEqual({ ...one.attributes, ...other.attributes });
});

test('of two owners of one epoch, the same one wins in every order', () => {
	const one = exampleSession({ owner: { epoch: 2, instanceId: exampleInstanceId(1) } });
	const other = exampleSession({ owner: { epoch: 2, instanceId: exampleInstanceId(2) } });
	expect(merge(one, other).owner).toEqual(merge(other, one).owner);
});

test('of two credentials that differ in their signature only, the same one wins in every order', () => {
	const [one, other] = ['a', 'b'].map((letter) =>
		exampleSession({ credential: { ...exampleSession().credential, signature: `k001.${letter.repeat(43)}` } }),
	) as [Session, Session];
	expect(merge(one, other)).toEqual(merge(other, one));
});

test.each([
	['id', { id: exampleSessionId(2) }],
	['subject', { subject: 'issuer:mallory' }],
	['time of creation', { createdAtMs: exampleStartMs + 1 }],
])('records that differ in their %s are not merged', (_field, differing) => {
	expect(() => merge(exampleSession(), exampleSession(differing))).toThrow('different sessions');
});

function own({ attributes }: Session, name: string) {
	const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
	return attribute === undefined ? [] : [attribute];
}
