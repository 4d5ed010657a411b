import { noAttributes } from './merge.ts';
import type { Attribute, AttributeValue, InstanceId, Revocation, Session } from './session.ts';
import type { Stamp } from './stamp.ts';

/*
 * The changes that a session can undergo. Each is a step up in the lattice of `merge`. So applying
 * it late, twice or to another replica takes nothing back.
 */

/** New values of attributes by name. `null` deletes the attribute. */
export type AttributeChanges = Readonly<Record<string, AttributeValue | null>>;

/**
 * `session` with `changes` made at `stamp`. A tombstone takes no attributes and stays as it is.
 *
 * `outdated`: an attribute to change has a stamp that is not older. The author of the change had
 * not seen that one and must stamp the change again. Otherwise an acknowledged change could lose to
 * an earlier one (I2).
 */
export function withAttributes(session: Session, changes: AttributeChanges, stamp: Stamp): Session | 'outdated' {
	if (session.revocation !== undefined) return session;
	const attributes: Record<string, Attribute> = { ...session.attributes };
	for (const [name, value] of Object.entries(changes)) {
		const replaced = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
		if (replaced !== undefined && replaced.stamp >= stamp) {
			if (replaced.stamp === stamp) continue; // A retry of this very change.
			return 'outdated';
		}
		attributes[name] = value === null ? { stamp, deleted: true } : { stamp, value };
	}
	return Object.freeze({ ...session, attributes: Object.freeze(attributes) });
}

/**
 * The limit of a session's attributes, in bytes of JSON. It keeps a record well below the 6 MB that
 * a Lambda payload may have, and lets it be compressed and read within some milliseconds.
 */
export const attributeBytesMax = 1024 * 1024;

/** Bytes of JSON that the attributes of `session` take with `changes` made. */
export function attributeBytes(session: Session, changes: AttributeChanges): number {
	return Buffer.byteLength(JSON.stringify({ ...session.attributes, ...changes }));
}

/** Whether the attributes of `session` have the values of `changes` already. */
export function changesNothing(session: Session, changes: AttributeChanges): boolean {
	return Object.entries(changes).every(([name, value]) => {
		const attribute = Object.hasOwn(session.attributes, name) ? session.attributes[name] : undefined;
		return (attribute !== undefined && 'value' in attribute ? attribute.value : null) === value;
	});
}

/** The stamps that a change of the attributes `names` replaces. */
export function replacedStamps(session: Session, names: Iterable<string>): Stamp[] {
	const stamps: Stamp[] = [];
	for (const name of names) {
		const attribute = Object.hasOwn(session.attributes, name) ? session.attributes[name] : undefined;
		if (attribute !== undefined) stamps.push(attribute.stamp);
	}
	return stamps;
}

/** The tombstone of `session`. A session that is already revoked stays as it is. */
export function withRevocation(session: Session, revocation: Revocation): Session {
	if (session.revocation !== undefined) return session;
	const { partial: _, conditionalChanges: __, ...rest } = session;
	return Object.freeze({ ...rest, attributes: noAttributes, revocation });
}

/**
 * `session` adopted by `instanceId`, in a new epoch (I3).
 *
 * A *decider* is a repository that settles between adopters with one conditional write. Each
 * decider has its own epochs, so no two adopters get the same one, even if two buses each reach
 * only one repository:
 *
 *     new epoch > old epoch
 *     new epoch ≡ remainder (mod deciders)
 */
export function withOwner(
	session: Session,
	instanceId: InstanceId,
	decider: { readonly remainder: number; readonly deciders: number },
): Session {
	const { remainder, deciders } = decider;
	const next = session.owner.epoch + 1;
	const epoch = next + ((((remainder - next) % deciders) + deciders) % deciders);
	if (!(epoch > session.owner.epoch)) throw new Error(`epoch ${epoch} does not follow ${session.owner.epoch}`);
	return Object.freeze({ ...session, owner: Object.freeze({ epoch, instanceId }) });
}
