import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { replacedStamps, withAttributes, withOwner, withRevocation } from '../../../functions/session/changes.ts';
import { idleExpiresAtMs, lifeOf, withActivity } from '../../../functions/session/lifetime.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Session } from '../../../functions/session/session.ts';
import { nextStamp } from '../../../functions/session/stamp.ts';
import {
	arbitraryAttributeName,
	arbitraryAttributeValue,
	arbitraryRevocation,
	arbitrarySession,
	arbitraryStamp,
	arbitraryUnrevokedSession,
} from '../../support/arbitrary-session.ts';
import { exampleInstanceId, exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';

const arbitraryTime = fc.integer({ min: -1_000, max: 3_700_000 }).map((ms) => exampleStartMs + ms);
const arbitraryChanges = fc.dictionary(arbitraryAttributeName, fc.option(arbitraryAttributeValue), {
	minKeys: 1,
	noNullPrototype: true,
});

const soleDecider = { remainder: 0, deciders: 1 };
const arbitraryDecider = fc
	.integer({ min: 1, max: 3 })
	.chain((deciders) => fc.record({ remainder: fc.nat(deciders - 1), deciders: fc.constant(deciders) }));

/**
 * Expects `changed` to be above `session` in the lattice, so that no order or repetition takes the
 * change back.
 */
function expectStepUp(session: Session, changed: Session): void {
	expect(merge(session, changed)).toStrictEqual(changed);
	expect(merge(changed, session)).toBe(changed);
}

describe('in the lattice', () => {
	test('new activity is a step up', () => {
		fc.assert(
			fc.property(arbitrarySession, arbitraryTime, (session, atMs) => {
				expectStepUp(session, withActivity(session, atMs));
			}),
		);
	});

	test('a revocation is a step up', () => {
		fc.assert(
			fc.property(arbitrarySession, arbitraryRevocation, (session, revocation) => {
				expectStepUp(session, withRevocation(session, revocation));
			}),
		);
	});

	test('a new owner is a step up', () => {
		fc.assert(
			fc.property(arbitrarySession, fc.integer({ min: 0, max: 3 }), arbitraryDecider, (session, owner, decider) => {
				expectStepUp(session, withOwner(session, exampleInstanceId(owner), decider));
			}),
		);
	});

	test('a change of attributes is a step up unless it is outdated', () => {
		fc.assert(
			fc.property(arbitraryUnrevokedSession, arbitraryChanges, arbitraryStamp, (session, changes, stamp) => {
				const changed = withAttributes(session, changes, stamp);
				if (changed !== 'outdated') expectStepUp(session, changed);
			}),
			{ numRuns: 500 },
		);
	});
});

describe('a change of attributes', () => {
	test('with the next stamp is never outdated and takes effect', () => {
		fc.assert(
			fc.property(arbitraryUnrevokedSession, arbitraryChanges, arbitraryTime, (session, changes, nowMs) => {
				const stamp = nextStamp(nowMs, 'node', replacedStamps(session, Object.keys(changes)));
				const changed = withAttributes(session, changes, stamp);
				if (changed === 'outdated') throw new Error('outdated');
				for (const [name, value] of Object.entries(changes))
					expect(changed.attributes[name]).toEqual(value === null ? { stamp, deleted: true } : { stamp, value });
				const untouched = Object.keys(session.attributes).filter((name) => !Object.hasOwn(changes, name));
				for (const name of untouched) expect(changed.attributes[name]).toBe(session.attributes[name]);
			}),
		);
	});

	test('is outdated if one of the stamps that it replaces is newer', () => {
		const session = exampleSession({
			attributes: {
				old: { stamp: exampleStamp(1), value: 1 },
				new: { stamp: exampleStamp(3), value: 1 },
			},
		});
		expect(withAttributes(session, { old: 2, new: 2 }, exampleStamp(2))).toBe('outdated');
		expect(withAttributes(session, { old: 2 }, exampleStamp(2))).toMatchObject({ attributes: { old: { value: 2 } } });
	});

	test('is outdated if a newer deletion is there', () => {
		const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(3), deleted: true } } });
		expect(withAttributes(session, { theme: 'dark' }, exampleStamp(2))).toBe('outdated');
	});

	test('that is repeated with the same stamp changes nothing', () => {
		const once = withAttributes(exampleSession(), { theme: 'dark', cart: null }, exampleStamp(1));
		if (once === 'outdated') throw new Error('outdated');
		expect(withAttributes(once, { theme: 'dark', cart: null }, exampleStamp(1))).toStrictEqual(once);
	});

	test('of an attribute named like a property of every object replaces no stamp', () => {
		expect(replacedStamps(exampleSession(), ['valueOf', 'toString'])).toEqual([]);
		const changed = withAttributes(exampleSession(), { valueOf: 1 }, exampleStamp(1));
		expect(changed).toMatchObject({ attributes: { valueOf: { value: 1 } } });
	});
});

describe('activity', () => {
	test('changes only the last activity', () => {
		const session = exampleSession();
		const seen = withActivity(session, exampleStartMs + 5);
		expect(seen).toStrictEqual({ ...session, lastSeenAtMs: exampleStartMs + 5 });
	});

	test('that is not later than the known one returns the very same object', () => {
		const session = exampleSession({ lastSeenAtMs: exampleStartMs + 5 });
		expect(withActivity(session, exampleStartMs + 5)).toBe(session);
		expect(withActivity(session, exampleStartMs + 4)).toBe(session);
	});

	test('activity never revives a session that had ended by then', () => {
		fc.assert(
			fc.property(arbitrarySession, arbitraryTime, (session, atMs) => {
				if (lifeOf(session, atMs) !== 'live') expect(withActivity(session, atMs)).toBe(session);
			}),
		);
	});

	test('counts just before the idle expiry but not at it', () => {
		const session = exampleSession();
		const idleExpiryMs = idleExpiresAtMs(session);
		expect(withActivity(session, idleExpiryMs)).toBe(session);
		expect(withActivity(session, idleExpiryMs - 1).lastSeenAtMs).toBe(idleExpiryMs - 1);
	});
});

describe('a revocation', () => {
	test('keeps the first time and reason if it is repeated', () => {
		const first = withRevocation(exampleSession(), { atMs: exampleStartMs, reason: 'logout' });
		expect(withRevocation(first, { atMs: exampleStartMs + 1, reason: 'quota' })).toBe(first);
	});

	test('removes all attributes', () => {
		const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
		const tombstone = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });
		expect(tombstone.attributes).toEqual({});
		expect(merge(tombstone, session).attributes).toEqual({});
	});

	test('a revocation survives activity and a new owner', () => {
		const tombstone = withRevocation(exampleSession(), { atMs: exampleStartMs, reason: 'logout' });
		expect(lifeOf(withActivity(tombstone, exampleStartMs + 5), exampleStartMs + 5)).toBe('revoked');
		expect(lifeOf(withOwner(tombstone, exampleInstanceId(2), soleDecider), exampleStartMs + 5)).toBe('revoked');
	});
});

describe('a new owner', () => {
	test('gets the next epoch if one repository decides alone', () => {
		const session = exampleSession({ owner: { epoch: 7, instanceId: exampleInstanceId(1) } });
		const adopted = withOwner(session, exampleInstanceId(2), soleDecider);
		expect(adopted).toStrictEqual({ ...session, owner: { epoch: 8, instanceId: exampleInstanceId(2) } });
	});

	test('gets the next epoch of the repository that decided', () => {
		fc.assert(
			fc.property(arbitrarySession, arbitraryDecider, (session, decider) => {
				const { epoch } = withOwner(session, exampleInstanceId(2), decider).owner;
				expect(epoch % decider.deciders).toBe(decider.remainder);
				expect(epoch).toBeGreaterThan(session.owner.epoch);
				expect(epoch).toBeLessThanOrEqual(session.owner.epoch + decider.deciders);
			}),
		);
	});
});
