import { describe, expect, test } from 'vitest';
import { withRevocation } from '../../../functions/session/changes.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../../../functions/session/stub.ts';
import { exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';

const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(2), value: 'dark' } } });

describe('a stub', () => {
	test('a stub has everything but the attributes, and is not whole', () => {
		expect(stubOf(session)).toEqual({ ...session, attributes: {}, partial: true });
		expect(isWhole(stubOf(session))).toBe(false);
	});

	test('the stub of a stub is the same object', () => {
		const stub = stubOf(session);
		expect(stubOf(stub)).toBe(stub);
	});

	test('the stub of a session without attributes is not whole, because it cannot know that there are none', () => {
		expect(isWhole(stubOf(exampleSession({ attributes: {} })))).toBe(false);
	});

	test('the stub of a tombstone is the tombstone, which is whole', () => {
		const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });
		expect(stubOf(ended)).toBe(ended);
	});
});

describe('the attributes of a session', () => {
	test.each([
		[true, 'that is equal', session],
		[true, 'with a newer value', exampleSession({ attributes: { theme: { stamp: exampleStamp(3), deleted: true } } })],
		[
			false,
			'with an older value',
			exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } }),
		],
		[false, 'without attributes', exampleSession({ attributes: {} })],
		[false, 'that is a stub', stubOf(session)],
		[false, 'that does not exist', undefined],
	])('it is %s that a record %s holds the attributes', (held, _which, holder) => {
		expect(holdsAttributesOf(holder, session)).toBe(held);
	});

	test('attributes that do not exist are held without a record', () => {
		expect(holdsAttributesOf(undefined, exampleSession({ attributes: {} }))).toBe(true);
	});
});
