import * as v from 'valibot';
import { conditionalChangesMax } from './conditional-changes.ts';
import { instanceIdPattern, sessionIdPattern } from './ids.ts';
import { repositoryNames } from './repository-name.ts';
import type { InstanceId, RevocationReason, SecretHash, Session, SessionId } from './session.ts';
import { type Stamp, stampPattern } from './stamp.ts';
import { unknownBytes, unknownBytesMax } from './unknown-fields.ts';

/*
 * The shape of a session on the wire and in repositories. A session cannot exceed these limits
 * through the API, so Leasehold did not write a record that exceeds them. A later version may add
 * fields, within their own limit. They are kept.
 */

/** How many attributes clients may set in a session, and how many one message may change. */
export const attributesMax = 64;
/**
 * How many attributes a record may have, deleted ones included. The names that clients may use can
 * change many times while a session lives.
 */
export const recordAttributesMax = 1_024;
/** Excludes the names that every JavaScript object has. */
export const attributeNamePattern = /^(?!constructor$|prototype$)[a-z][A-Za-z0-9_.-]{0,63}$/;
/** Characters of an attribute's value. */
export const attributeTextMax = 4_096;
/**
 * Subjects are `sub` claims, at most 255 ASCII characters (OpenID Connect Core 1.0, section 2),
 * under an issuer.
 */
export const subjectLengthMax = 512;
export const scopesMax = 64;
export const scopeLengthMax = 128;

export const subjectSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(subjectLengthMax));

/** The latest time that `Date` can show. */
const timeMsMax = 8_640_000_000_000_000;
/** Milliseconds since the Unix epoch. A time beyond the limit could be shown to nobody. */
export const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(timeMsMax));
/** SHA-256 in base64url. */
export const digestSchema = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));
export const secretHashSchema = v.pipe(v.string(), v.length(43)) as v.GenericSchema<unknown> as v.GenericSchema<
	unknown,
	SecretHash
>;
export const sessionIdSchema = v.custom<SessionId>(
	(value) => typeof value === 'string' && sessionIdPattern.test(value),
	'must be a session handle',
);
export const instanceIdSchema = v.custom<InstanceId>(
	(value) => typeof value === 'string' && instanceIdPattern.test(value),
	'must be an instance id',
);
export const stampSchema = v.custom<Stamp>(
	(value) => typeof value === 'string' && stampPattern.test(value),
	'must be a stamp',
);

export const attributeNameSchema = v.pipe(v.string(), v.regex(attributeNamePattern));
export const attributeValueSchema = v.union([
	v.pipe(v.string(), v.maxLength(attributeTextMax)),
	v.pipe(v.number(), v.finite()),
	v.boolean(),
]);
const attributeSchema = v.union([
	v.looseObject({ stamp: stampSchema, value: attributeValueSchema, deleted: v.exactOptional(v.never()) }),
	v.looseObject({ stamp: stampSchema, deleted: v.literal(true), value: v.exactOptional(v.never()) }),
]);

/** The form of a session's version (`versionOf`). */
export const versionPattern = /^[A-Za-z0-9_-]{16}$/;
const versionSchema = v.pipe(v.string(), v.regex(versionPattern));

const credentialSchema = v.looseObject({
	generation: v.pipe(v.number(), v.integer(), v.minValue(1)),
	secretHash: secretHashSchema,
	previousSecretHash: v.exactOptional(secretHashSchema),
	graceUntilMs: v.exactOptional(timeMs),
	assuranceLevel: v.picklist([1, 2, 3]),
	authenticatedAtMs: timeMs,
	authenticationTimeUnknown: v.exactOptional(v.literal(true)),
	scopes: v.pipe(v.array(v.pipe(v.string(), v.maxLength(scopeLengthMax))), v.maxLength(scopesMax)),
	/** A key id of four characters, and HMAC-SHA256 in base64url. */
	signature: v.exactOptional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{4}\.[A-Za-z0-9_-]{43}$/))),
});

/** A later version may know more reasons. They all mean that the session has ended. */
export const revocationReasonSchema = v.pipe(
	v.string(),
	v.regex(/^[a-z][a-z-]{0,31}$/),
) as v.GenericSchema as v.GenericSchema<unknown, RevocationReason>;

export const revocationSchema = v.looseObject({ atMs: timeMs, reason: revocationReasonSchema });

/** Names a record that a session server found forged. */
export const forgedRecordSchema = v.object({
	repository: v.picklist(repositoryNames),
	fingerprint: digestSchema,
});

/**
 * The schema of the records that this version of Leasehold reads and writes. It tells what a reader
 * must know, and not which version wrote the record. A version that only adds fields keeps it.
 */
export const sessionSchemaNumber = 1;

const sessionEntries = {
	schema: v.literal(sessionSchemaNumber),
	id: sessionIdSchema,
	subject: subjectSchema,
	createdAtMs: timeMs,
	absoluteExpiresAtMs: timeMs,
	idleTimeoutMs: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(timeMsMax)),
	lastSeenAtMs: timeMs,
	credential: credentialSchema,
	owner: v.looseObject({
		epoch: v.pipe(v.number(), v.integer(), v.minValue(1)),
		instanceId: instanceIdSchema,
	}),
	attributes: v.pipe(v.record(attributeNameSchema, attributeSchema), v.maxEntries(recordAttributesMax)),
	conditionalChanges: v.exactOptional(
		v.pipe(
			v.array(v.object({ over: versionSchema, stamp: stampSchema })),
			v.minLength(1),
			v.maxLength(conditionalChangesMax),
		),
	),
	revocation: v.exactOptional(revocationSchema),
};

const withinUnknownMax = v.check(
	(session: Session) => unknownBytes(session) <= unknownBytesMax,
	'has too many unknown fields',
);

/** On the wire, where every session is whole. */
export const sessionSchema: v.GenericSchema<unknown, Session> = v.pipe(
	v.looseObject({ ...sessionEntries, partial: v.exactOptional(v.never()) }) as v.GenericSchema<unknown, Session>,
	withinUnknownMax,
);

/** In a repository, which may hold a stub. */
export const recordSchema: v.GenericSchema<unknown, Session> = v.pipe(
	v.looseObject({ ...sessionEntries, partial: v.exactOptional(v.literal(true)) }) as v.GenericSchema<unknown, Session>,
	withinUnknownMax,
);
