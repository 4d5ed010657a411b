import { areSameConditionalChanges, mergeConditionalChanges } from './conditional-changes.ts';
import type { Session } from './session.ts';

/*
 * A repository with a limit stores a *stub* of a record that does not fit: all but the attributes,
 * marked as partial. Another repository has the attributes.
 */

/** Whether the record has the session's attributes. A partial record tells nothing about them. */
export function isWhole(session: Session): boolean {
	return session.partial !== true;
}

/** The record without its attributes and their history. A tombstone has none and is whole. */
export function stubOf(session: Session): Session {
	if (session.revocation !== undefined || (!isWhole(session) && hasNoAttributes(session))) return session;
	const { conditionalChanges: _, ...rest } = session;
	return Object.freeze({ ...rest, attributes: {}, partial: true });
}

/**
 * Whether `holder` is a whole record that has every attribute of `session`, or a newer one, and
 * knows of its conditional changes.
 */
export function holdsAttributesOf(holder: Session | undefined, session: Session): boolean {
	if (holder === undefined || !isWhole(holder)) return hasNoAttributes(session);
	const { conditionalChanges } = holder;
	if (
		!areSameConditionalChanges(
			mergeConditionalChanges(conditionalChanges, session.conditionalChanges),
			conditionalChanges,
		)
	)
		return false;
	return Object.entries(session.attributes).every(([name, { stamp }]) => {
		const held = Object.hasOwn(holder.attributes, name) ? holder.attributes[name] : undefined;
		return held !== undefined && held.stamp >= stamp;
	});
}

function hasNoAttributes({ attributes, conditionalChanges }: Session): boolean {
	return Object.keys(attributes).length === 0 && conditionalChanges === undefined;
}
