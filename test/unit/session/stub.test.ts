import { describe, expect, test } from 'vitest';
import { withRevocation } from '../../../functions/session/changes.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../../../functions/session/stub.ts';
import { exampleSession, exampleStamp, exampleStartMs } from '../../support/example-session.ts';

const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(2), value: 'dark' } } });

describe('a stub', () => {
	test('has all but the attributes and is not whole', () => {
		expect(stubOf(session)).toEqual({ ...session, attributes: {}, partial: true });
		expect(isWhole(stubOf(session))).toBe(false);
	});

	test('the stub of a stub is the same object', () => {
		const stub = stubOf(session);
		expect(stubOf(stub)).toBe(stub);
	});

	test('of a session without attributes is partial as well, because there may be attributes that it lacks', () => {
		expect(isWhole(stubOf(exampleSession({ attributes: {} })))).toBe(false);
	});

	test('the stub of a tombstone is the tombstone, which is whole', () => {
		const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });
		expect(stubOf(ended)).toBe(ended);
	});
});

describe('the attributes of a session', () => {
	test.each([
		[true, 'the same ones', session],
		[true, 'newer ones', exampleSession({ attributes: { theme: { stamp: exampleStamp(3), deleted: true } } })],
		[false, 'older ones', exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } })],
		[false, 'none', exampleSession({ attributes: {} })],
		[false, 'only a stub', stubOf(session)],
		[false, 'no record', undefined],
	])('%s if another repository has %s', (held, _how, holder) => {
		expect(holdsAttributesOf(holder, session)).toBe(held);
	});

	test('true if there are none', () => {
		expect(holdsAttributesOf(undefined, exampleSession({ attributes: {} }))).toBe(true);
	});
});
