import { areSameConditionalChanges, mergeConditionalChanges } from './conditional-changes.ts';
import type { Attribute, Credential, Ownership, Revocation, Session } from './session.ts';
import { isWhole } from './stub.ts';
import {
	compareText,
	compareUnknown,
	joinUnknown,
	sameUnknown,
	type UnknownFields,
	unknownFields,
} from './unknown-fields.ts';

/**
 * The join of two records of one session. It is commutative, associative and idempotent (Shapiro et
 * al. 2011, state-based CRDT).
 * - A revocation wins over everything and is never undone (I1).
 * - The earlier expiry wins (I7).
 * - The later activity, credential and owner win (I3).
 * - Attributes are merged one by one (I2), and of conditional changes the latest are kept.
 * - The join is partial if both records are, unless it is a tombstone, which has no attributes.
 * - Of a field that this version does not know, the greater value wins. One within a credential, an
 *   owner, a revocation or an attribute belongs to that.
 *
 * @returns the very object `a`, or else `b`, if that already is the join. So a caller sees by
 * identity that there is nothing to write.
 * @throws DifferentSessions when the records are of different sessions. Only a bug, or somebody who
 * changed a record, can cause that.
 */
export function merge(a: Session, b: Session): Session {
	if (a === b) return a;
	if (a.id !== b.id || a.subject !== b.subject || a.createdAtMs !== b.createdAtMs)
		throw new DifferentSessions(`records of different sessions cannot be merged: ${a.id}, ${b.id}`);
	const revocation = mergeRevocations(a.revocation, b.revocation);
	const join = {
		absoluteExpiresAtMs: Math.min(a.absoluteExpiresAtMs, b.absoluteExpiresAtMs),
		idleTimeoutMs: Math.min(a.idleTimeoutMs, b.idleTimeoutMs),
		lastSeenAtMs: Math.max(a.lastSeenAtMs, b.lastSeenAtMs),
		credential: compareCredentials(a.credential, b.credential) >= 0 ? a.credential : b.credential,
		owner: compareOwners(a.owner, b.owner) >= 0 ? a.owner : b.owner,
		attributes: revocation === undefined ? mergeAttributes(a.attributes, b.attributes) : noAttributes,
		conditionalChanges:
			revocation === undefined ? mergeConditionalChanges(a.conditionalChanges, b.conditionalChanges) : undefined,
		revocation,
		partial: revocation === undefined && !isWhole(a) && !isWhole(b),
		unknown: joinUnknown(unknownFields('session', a), unknownFields('session', b)),
	};
	if (isAlready(a, join)) return a;
	if (isAlready(b, join)) return b;
	const record: Session = {
		schema: 1,
		id: a.id,
		subject: a.subject,
		createdAtMs: a.createdAtMs,
		absoluteExpiresAtMs: join.absoluteExpiresAtMs,
		idleTimeoutMs: join.idleTimeoutMs,
		lastSeenAtMs: join.lastSeenAtMs,
		credential: join.credential,
		owner: join.owner,
		attributes: join.attributes,
		...(join.conditionalChanges && { conditionalChanges: join.conditionalChanges }),
		...join.unknown,
	};
	if (revocation !== undefined) return Object.freeze({ ...record, revocation });
	return Object.freeze(join.partial ? { ...record, partial: true } : record);
}

/** Two records have one id, and are not of one session. Nobody can tell which one is right. */
export class DifferentSessions extends Error {
	override readonly name = 'DifferentSessions';
}

/** The attributes of a revoked session, which has nothing that a service could use. */
export const noAttributes: Session['attributes'] = Object.freeze({});

type Join = Pick<
	Session,
	'absoluteExpiresAtMs' | 'idleTimeoutMs' | 'lastSeenAtMs' | 'credential' | 'owner' | 'attributes'
> & {
	readonly conditionalChanges: Session['conditionalChanges'] | undefined;
	readonly revocation: Revocation | undefined;
	readonly partial: boolean;
	readonly unknown: UnknownFields;
};

function isAlready(session: Session, join: Join): boolean {
	return (
		session.absoluteExpiresAtMs === join.absoluteExpiresAtMs &&
		session.idleTimeoutMs === join.idleTimeoutMs &&
		session.lastSeenAtMs === join.lastSeenAtMs &&
		compareCredentials(session.credential, join.credential) === 0 &&
		compareOwners(session.owner, join.owner) === 0 &&
		sameRevocation(session.revocation, join.revocation) &&
		isWhole(session) !== join.partial &&
		sameAttributes(session.attributes, join.attributes) &&
		areSameConditionalChanges(session.conditionalChanges, join.conditionalChanges) &&
		sameUnknown(unknownFields('session', session), join.unknown)
	);
}

/** The earlier revocation, so that the record tells when the session really ended. */
function mergeRevocations(a: Revocation | undefined, b: Revocation | undefined): Revocation | undefined {
	if (a === undefined || b === undefined) return a ?? b;
	return compareRevocations(a, b) <= 0 ? a : b;
}

function compareRevocations(a: Revocation, b: Revocation): number {
	return a.atMs - b.atMs || compareText(a.reason, b.reason) || compareUnknownOf('revocation', b, a);
}

function sameRevocation(a: Revocation | undefined, b: Revocation | undefined): boolean {
	return a === undefined || b === undefined ? a === b : compareRevocations(a, b) === 0;
}

/**
 * The higher generation wins. Two credentials of one generation come from a race between buses
 * without a common repository. Any fixed order between them will do.
 */
function compareCredentials(a: Credential, b: Credential): number {
	if (a === b) return 0;
	return compareKnown(a, b) || compareUnknownOf('credential', a, b);
}

function compareKnown(a: Credential, b: Credential): number {
	return (
		a.generation - b.generation ||
		compareText(a.secretHash, b.secretHash) ||
		compareText(a.previousSecretHash ?? '', b.previousSecretHash ?? '') ||
		(a.graceUntilMs ?? -1) - (b.graceUntilMs ?? -1) ||
		a.assuranceLevel - b.assuranceLevel ||
		a.authenticatedAtMs - b.authenticatedAtMs ||
		Number(a.authenticationTimeUnknown ?? false) - Number(b.authenticationTimeUnknown ?? false) ||
		compareText(JSON.stringify(a.scopes), JSON.stringify(b.scopes)) ||
		compareText(a.signature ?? '', b.signature ?? '')
	);
}

/**
 * Whether they are the same as far as this version knows. A bus of a later version may have added
 * to one of them.
 */
export function isSameCredential(a: Credential, b: Credential): boolean {
	return compareKnown(a, b) === 0;
}

function compareOwners(a: Ownership, b: Ownership): number {
	return a.epoch - b.epoch || compareText(a.instanceId, b.instanceId) || compareUnknownOf('owner', a, b);
}

function mergeAttributes(a: Session['attributes'], b: Session['attributes']): Session['attributes'] {
	if (a === b) return a;
	const merged: Record<string, Attribute> = { ...a };
	for (const [name, attribute] of Object.entries(b)) {
		const other = Object.hasOwn(merged, name) ? merged[name] : undefined;
		if (other === undefined || compareAttributes(attribute, other) > 0) merged[name] = attribute;
	}
	return Object.freeze(merged);
}

/**
 * Stamps are unique. If two are equal all the same, the content decides, so that the join stays
 * commutative.
 */
function compareAttributes(a: Attribute, b: Attribute): number {
	return (
		compareText(a.stamp, b.stamp) ||
		compareText(JSON.stringify(contentOf(a)), JSON.stringify(contentOf(b))) ||
		compareUnknownOf('attribute', a, b)
	);
}

function contentOf(attribute: Attribute): unknown {
	return 'deleted' in attribute ? ['deleted'] : ['value', attribute.value];
}

function sameAttributes(a: Session['attributes'], b: Session['attributes']): boolean {
	if (a === b) return true;
	const names = Object.keys(a);
	return (
		names.length === Object.keys(b).length &&
		names.every((name) => {
			const [one, other] = [a[name], b[name]];
			return one !== undefined && other !== undefined && Object.hasOwn(b, name) && compareAttributes(one, other) === 0;
		})
	);
}

/** Only decides between parts that are equal as far as this version knows. */
function compareUnknownOf(kind: Parameters<typeof unknownFields>[0], a: object, b: object): number {
	return compareUnknown(unknownFields(kind, a), unknownFields(kind, b));
}
