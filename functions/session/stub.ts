import type { Session } from './session.ts';

/*
 * A repository with a limit keeps a record that does not fit as a stub: everything but the attributes, marked partial. What
 * its attributes are, only another repository knows.
 */

/** Whether the record has all that was known of the session when it was written. A partial one says nothing of attributes. */
export function isWhole(session: Session): boolean {
	return session.partial !== true;
}

/** What is left of a record without its attributes. A tombstone has none, and is whole. */
export function stubOf(session: Session): Session {
	if (session.revocation !== undefined || (!isWhole(session) && hasNoAttributes(session))) return session;
	return Object.freeze({ ...session, attributes: {}, partial: true });
}

/** Whether `holder`, a whole record, has every attribute of `session` as it is there, or newer. */
export function holdsAttributesOf(holder: Session | undefined, session: Session): boolean {
	if (holder === undefined || !isWhole(holder)) return hasNoAttributes(session);
	return Object.entries(session.attributes).every(([name, { stamp }]) => {
		const held = Object.hasOwn(holder.attributes, name) ? holder.attributes[name] : undefined;
		return held !== undefined && held.stamp >= stamp;
	});
}

function hasNoAttributes({ attributes }: Session): boolean {
	return Object.keys(attributes).length === 0;
}
