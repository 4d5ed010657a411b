import type { ConditionalChange, Session } from './session.ts';
import { stampWallMs } from './stamp.ts';

/*
 * A record tells which changes were made on condition of a version. Two repositories may each have
 * let another author of one version decide. The attributes do not show that once one of the
 * changes has replaced the other.
 */

/** The changes that a record remembers: those with the latest stamps. */
export const conditionalChangesMax = 8;

/**
 * The stamps of two changes of one version are closer than this. Both authors saw the version, and
 * neither waits for longer than a request takes.
 */
const rivalsWithinMs = 60_000;

/** The latest of both, in the order of their stamps. `undefined`: there are none. */
export function mergeConditionalChanges(
	a: Session['conditionalChanges'],
	b: Session['conditionalChanges'],
): Session['conditionalChanges'] {
	if (a === undefined || b === undefined || a === b) return a ?? b;
	const more = b.filter((change) => !a.some((other) => compare(change, other) === 0));
	if (more.length === 0) return a;
	return Object.freeze([...a, ...more].sort(compare).slice(-conditionalChangesMax));
}

export function areSameConditionalChanges(
	a: Session['conditionalChanges'] = [],
	b: Session['conditionalChanges'] = [],
): boolean {
	return a === b || (a.length === b.length && a.every((change, index) => isSame(change, b[index])));
}

/** `session` with the memory of a change that was made now. A tombstone stays as it is. */
export function withConditionalChange(session: Session, change: ConditionalChange): Session {
	if (session.revocation !== undefined) return session;
	const conditionalChanges = mergeConditionalChanges(session.conditionalChanges, [change]) ?? [];
	return Object.freeze({ ...session, conditionalChanges });
}

/** Whether another author may have changed the same version. */
export function mayHaveRival({ conditionalChanges = [] }: Session, change: ConditionalChange): boolean {
	if (!conditionalChanges.some((other) => compare(other, change) === 0)) return true;
	if (conditionalChanges.some(({ over, stamp }) => over === change.over && stamp !== change.stamp)) return true;
	const [earliest] = conditionalChanges;
	if (earliest === undefined || conditionalChanges.length < conditionalChangesMax) return false;
	// The record may have had a rival that it remembers no more.
	return stampWallMs(earliest.stamp) > stampWallMs(change.stamp) - rivalsWithinMs;
}

function isSame(a: ConditionalChange, b: ConditionalChange | undefined): boolean {
	return b !== undefined && compare(a, b) === 0;
}

function compare(a: ConditionalChange, b: ConditionalChange): number {
	if (a.stamp !== b.stamp) return a.stamp < b.stamp ? -1 : 1;
	return a.over === b.over ? 0 : a.over < b.over ? -1 : 1;
}
