import * as v from 'valibot';
import { quotaActions, quotaMaxMax } from '../access/quota.ts';
import {
	attributeNameSchema,
	attributesMax,
	attributeValueSchema,
	instanceIdSchema,
	revocationSchema,
	sessionIdSchema,
	sessionSchema,
	stampSchema,
	subjectSchema,
} from '../session/session-schema.ts';

/*
 * What session servers ask of the bus. Every operation may be repeated, at any time and by anyone, with the same outcome.
 */

/** Keeps a session that was just established, within its subject's quota. */
const create = v.strictObject({
	operation: v.literal('create'),
	session: sessionSchema,
	quota: v.strictObject({
		max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(quotaMaxMax)),
		action: v.picklist(quotaActions),
	}),
});

/** Reads a session, to borrow it. */
const read = v.strictObject({
	operation: v.literal('read'),
	sessionId: sessionIdSchema,
	demand: v.picklist(['bounded', 'strict', 'lenient']),
});

/** Reads a session whose owner was sealed, and makes the asker its owner. */
const recover = v.strictObject({
	operation: v.literal('recover'),
	sessionId: sessionIdSchema,
	demand: v.picklist(['bounded', 'strict', 'lenient']),
	/** Who asks, and holds a lease under this id. */
	adopter: instanceIdSchema,
});

/** Sets and deletes attributes. */
const update = v.strictObject({
	operation: v.literal('update'),
	sessionId: sessionIdSchema,
	changes: v.pipe(
		v.record(attributeNameSchema, v.nullable(attributeValueSchema)),
		v.minEntries(1),
		v.maxEntries(attributesMax),
	),
	/** Larger than every stamp that the change replaces, as far as its author knows. */
	stamp: stampSchema,
	/** Only if the session has this version. */
	ifVersion: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
});

/** Reports activity. */
const touch = v.strictObject({
	operation: v.literal('touch'),
	sessionId: sessionIdSchema,
	seenAtMs: v.pipe(v.number(), v.integer(), v.minValue(0)),
});

/** Ends a session for good. */
const revoke = v.strictObject({
	operation: v.literal('revoke'),
	sessionId: sessionIdSchema,
	revocation: revocationSchema,
	/** Names this revocation's feed entries. */
	changeId: v.pipe(v.string(), v.maxLength(64)),
	/** Instances are to prove, in their leases, that they have read of it. */
	acknowledge: v.boolean(),
	/** Only a session of this subject; any other is absent. */
	subject: v.exactOptional(subjectSchema),
});

/** Asks which sessions a subject has. */
const list = v.strictObject({ operation: v.literal('list'), subject: subjectSchema });

/** Ends the sessions of a subject that were created by the time of the revocation. */
const revokeSubject = v.strictObject({
	operation: v.literal('revokeSubject'),
	subject: subjectSchema,
	/** Every one but this. */
	except: v.exactOptional(sessionIdSchema),
	revocation: revocationSchema,
	/** Names the feed entries of these revocations. */
	changeId: v.pipe(v.string(), v.maxLength(64)),
});

/** Asks which repositories answer. */
const health = v.strictObject({ operation: v.literal('health') });

export const messageSchema = v.variant('operation', [
	create,
	read,
	recover,
	update,
	touch,
	revoke,
	list,
	revokeSubject,
	health,
]);

export type Message = v.InferOutput<typeof messageSchema>;
export type MessageOf<Name extends Message['operation']> = Extract<Message, { operation: Name }>;
