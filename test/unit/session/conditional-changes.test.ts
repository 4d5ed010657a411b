import { expect, test } from 'vitest';
import {
	conditionalChangesMax,
	mayHaveRival,
	withConditionalChange,
} from '../../../functions/session/conditional-changes.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { ConditionalChange, Session } from '../../../functions/session/session.ts';
import { makeStamp } from '../../../functions/session/stamp.ts';
import { exampleSession, exampleStartMs } from '../../support/example-session.ts';

const change = (over: string, afterMs: number): ConditionalChange => ({
	over: over.repeat(16),
	stamp: makeStamp(exampleStartMs + afterMs, 0, 'author'),
});
const withChanges = (changes: readonly ConditionalChange[]): Session =>
	changes.reduce((session, each) => withConditionalChange(session, each), exampleSession());

test('a change has a rival if another author changed the same version, wherever the records met', () => {
	const [own, rival] = [change('v', 1), change('v', 0)];
	expect(mayHaveRival(withChanges([own]), own)).toBe(false);
	expect(mayHaveRival(withChanges([own, change('w', 2)]), own)).toBe(false);
	const join = merge(withChanges([own]), withChanges([rival]));
	expect([mayHaveRival(join, own), mayHaveRival(join, rival)]).toEqual([true, true]);
});

test('a record that does not know a change knows nothing of its rivals', () => {
	expect(mayHaveRival(exampleSession(), change('v', 1))).toBe(true);
});

test('a record keeps the latest changes, and may have forgotten a rival only if all are recent', () => {
	const own = change('v', 100_000);
	const before = (ms: number) =>
		withChanges([...Array.from({ length: 20 }, (_, index) => change('w', 100_000 - ms - index)), own]);
	expect(before(0).conditionalChanges).toHaveLength(conditionalChangesMax);
	expect(mayHaveRival(before(1_000), own)).toBe(true);
	expect(mayHaveRival(before(60_000), own)).toBe(false);
});
