import type { Attribute, Credential, Ownership, Revocation, Session } from './session.ts';

/*
 * The fields of a session that this version of Leasehold does not know. A later version wrote them,
 * and they must be there when it reads the session again. They are properties like all others, so
 * every change and every encoding carries them along.
 */

/** The fields that this version knows. The compiler finds one that is missing here. */
const known = {
	session: {
		schema: true,
		id: true,
		subject: true,
		createdAtMs: true,
		absoluteExpiresAtMs: true,
		idleTimeoutMs: true,
		lastSeenAtMs: true,
		credential: true,
		owner: true,
		attributes: true,
		conditionalChanges: true,
		partial: true,
		revocation: true,
	} satisfies Fields<Session>,
	credential: {
		generation: true,
		secretHash: true,
		previousSecretHash: true,
		graceUntilMs: true,
		assuranceLevel: true,
		authenticatedAtMs: true,
		authenticationTimeUnknown: true,
		scopes: true,
		signature: true,
	} satisfies Fields<Credential>,
	owner: { epoch: true, instanceId: true } satisfies Fields<Ownership>,
	revocation: { atMs: true, reason: true } satisfies Fields<Revocation>,
	attribute: { stamp: true, value: true, deleted: true } satisfies Fields<Attribute>,
} as const;

type Fields<Type> = Readonly<Record<Type extends unknown ? keyof Type : never, true>>;

/** Fields by name. */
export type UnknownFields = Readonly<Record<string, unknown>>;

const none: UnknownFields = Object.freeze({});

/** The fields of `part` that this version does not know. */
export function unknownFields(kind: keyof typeof known, part: object): UnknownFields {
	let unknown: Record<string, unknown> | undefined;
	for (const name in part)
		if (!Object.hasOwn(known[kind], name)) {
			unknown ??= {};
			unknown[name] = (part as UnknownFields)[name];
		}
	return unknown ?? none;
}

/**
 * The join of the unknown fields of two records: of each field, the greater value. So every version
 * joins them alike, in any order. A version that adds a field must make the greater value the right
 * one.
 */
export function joinUnknown(a: UnknownFields, b: UnknownFields): UnknownFields {
	if (a === none || b === none) return a === none ? b : a;
	const join: Record<string, unknown> = { ...a };
	for (const [name, value] of Object.entries(b))
		if (compareUnknown(value, Object.hasOwn(join, name) ? join[name] : undefined) > 0) join[name] = value;
	return join;
}

export function sameUnknown(a: UnknownFields, b: UnknownFields): boolean {
	return a === b || compareText(canonical(a), canonical(b)) === 0;
}

/**
 * A total order of JSON values. Numbers compare as numbers, and text by its UTF-16 code units. Of
 * objects, the one with the larger number in `order` is greater, and one without that is smaller
 * than all with it. Then the one with more fields is greater. Everything else compares by its JSON
 * with sorted keys.
 */
export function compareUnknown(a: unknown, b: unknown): number {
	if (a === b) return 0;
	return (
		rank(a) - rank(b) ||
		numberIn(a) - numberIn(b) ||
		fieldsIn(a) - fieldsIn(b) ||
		compareText(canonical(a), canonical(b))
	);
}

function rank(value: unknown): number {
	if (value === undefined) return 0;
	if (typeof value === 'object') return value === null ? 1 : Array.isArray(value) ? 5 : 6;
	return typeof value === 'boolean' ? 2 : typeof value === 'number' ? 3 : 4;
}

function numberIn(value: unknown): number {
	const number = typeof value === 'object' && value !== null && 'order' in value ? value.order : value;
	return typeof number === 'number' ? number : -Number.MAX_VALUE;
}

function fieldsIn(value: unknown): number {
	return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

function canonical(value: unknown): string {
	if (typeof value === 'string') return value;
	const text = JSON.stringify(value, (_name, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([x], [y]) => compareText(x, y)))
			: part,
	);
	return text ?? '';
}

export function compareText(a: string, b: string): number {
	if (a === b) return 0;
	return a < b ? -1 : 1;
}

/**
 * The bytes of JSON that the unknown fields of one session may have. Leasehold did not write a
 * record with more, and a copy of it could fill the memory.
 */
export const unknownBytesMax = 4 * 1024;

/** How deep an unknown field may be nested. */
const depthMax = 8;

const namePattern = /^[a-z][A-Za-z0-9]{0,31}$/;

/** Bytes of JSON of all unknown fields in the session. Infinite if no version could write them. */
export function unknownBytes(session: Session): number {
	let bytes = bytesIn('session', session) + bytesIn('credential', session.credential);
	bytes += bytesIn('owner', session.owner);
	if (session.revocation !== undefined) bytes += bytesIn('revocation', session.revocation);
	for (const attribute of Object.values(session.attributes)) bytes += bytesIn('attribute', attribute);
	return bytes;
}

function bytesIn(kind: keyof typeof known, part: object): number {
	const unknown = unknownFields(kind, part);
	if (unknown === none) return 0;
	const isSound = Object.entries(unknown).every(([name, value]) => namePattern.test(name) && isFlat(value, depthMax));
	return isSound ? Buffer.byteLength(JSON.stringify(unknown)) : Number.POSITIVE_INFINITY;
}

function isFlat(value: unknown, depth: number): boolean {
	if (typeof value !== 'object' || value === null) return true;
	return depth > 0 && Object.values(value).every((part) => isFlat(part, depth - 1));
}
