import { lifeOf } from './lifetime.ts';
import { noAttributes } from './merge.ts';
import type { Attribute, AttributeValue, InstanceId, Revocation, Session } from './session.ts';
import type { Stamp } from './stamp.ts';

/*
 * The changes that a session can undergo. Each is a step up in the lattice of `merge`, so that applying it late, twice or
 * to another replica cannot take anything back.
 */

/** Attribute values to set, and `null` for those to delete. */
export type AttributeChanges = Readonly<Record<string, AttributeValue | null>>;

/**
 * `session` with `changes` made at `stamp`, or `outdated` when the session holds a stamp that is not older: the author had
 * not seen it, and must stamp the change anew, or an acknowledged change could lose to one made before it (I2). A tombstone
 * takes no attributes.
 */
export function withAttributes(session: Session, changes: AttributeChanges, stamp: Stamp): Session | 'outdated' {
	if (session.revocation !== undefined) return session;
	const attributes: Record<string, Attribute> = { ...session.attributes };
	for (const [name, value] of Object.entries(changes)) {
		const replaced = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
		if (replaced !== undefined && replaced.stamp >= stamp) {
			if (replaced.stamp === stamp) continue; // this very change, retried
			return 'outdated';
		}
		attributes[name] = value === null ? { stamp, deleted: true } : { stamp, value };
	}
	return Object.freeze({ ...session, attributes: Object.freeze(attributes) });
}

/**
 * Bytes of a session's attributes as JSON: a session is no file store. With it, a record is well below the 6 MB that Lambda takes
 * as payload, and is compressed and read in some milliseconds.
 */
export const attributeBytesMax = 1024 * 1024;

/** What the attributes of `session` take as JSON, once `changes` are made. */
export function attributeBytes(session: Session, changes: AttributeChanges): number {
	return Buffer.byteLength(JSON.stringify({ ...session.attributes, ...changes }));
}

/** The stamps that a change of `names` replaces. */
export function replacedStamps(session: Session, names: Iterable<string>): Stamp[] {
	const stamps: Stamp[] = [];
	for (const name of names) {
		const attribute = Object.hasOwn(session.attributes, name) ? session.attributes[name] : undefined;
		if (attribute !== undefined) stamps.push(attribute.stamp);
	}
	return stamps;
}

/**
 * `session` seen at `atMs`, or the same object when that says nothing new. Activity after the idle expiry is none: a late
 * or repeated touch must not revive a session that had ended by then (I7).
 */
export function withActivity(session: Session, atMs: number): Session {
	if (atMs <= session.lastSeenAtMs || lifeOf(session, atMs) !== 'live') return session;
	return Object.freeze({ ...session, lastSeenAtMs: atMs });
}

/** The tombstone of `session`. One that is revoked stays as it is. */
export function withRevocation(session: Session, revocation: Revocation): Session {
	if (session.revocation !== undefined) return session;
	const { partial: _, ...rest } = session;
	return Object.freeze({ ...rest, attributes: noAttributes, revocation });
}

/**
 * `session` adopted by `instanceId`, in a new epoch. Each decider, one repository that settles between adopters with one
 * conditional write, has epochs of its own: those with its `remainder`, modulo the number of `deciders`. So no two adopters
 * get the same epoch, not even when each repository is asked by a bus that cannot reach the other (I3).
 */
export function withOwner(
	session: Session,
	instanceId: InstanceId,
	decider: { readonly remainder: number; readonly deciders: number },
): Session {
	const { remainder, deciders } = decider;
	const next = session.owner.epoch + 1;
	const epoch = next + ((((remainder - next) % deciders) + deciders) % deciders);
	return Object.freeze({ ...session, owner: Object.freeze({ epoch, instanceId }) });
}
