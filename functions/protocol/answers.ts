import * as v from 'valibot';
import { quotaMaxMax } from '../access/quota.ts';
import { sessionIdSchema, sessionSchema } from '../session/session-schema.ts';
import { receiptSchema, repositoryNameSchema } from './receipt.ts';

/*
 * What the bus answers: found, revoked, absent or unavailable, and for writes also why nothing was written. Each answer
 * has a receipt. Unavailable is never an answer about the session (I8).
 */

/** Sessions in one list: as many as the largest quota allows. */
export const listedMax = quotaMaxMax;

const found = v.strictObject({
	kind: v.literal('found'),
	session: sessionSchema,
	/** This very message made the asking instance the owner. Only `recover` answers so. */
	adopted: v.exactOptional(v.literal(true)),
	receipt: receiptSchema,
});
const revoked = v.strictObject({ kind: v.literal('revoked'), session: sessionSchema, receipt: receiptSchema });
const absent = v.strictObject({ kind: v.literal('absent'), receipt: receiptSchema });
const unavailable = v.strictObject({
	kind: v.literal('unavailable'),
	/** What did not answer, for logs and evidence. */
	reason: v.string(),
	receipt: receiptSchema,
});
/** Nothing was written: the change replaces newer stamps, or the version is another. `session` is what is stored. */
const outdated = v.strictObject({ kind: v.literal('outdated'), session: sessionSchema, receipt: receiptSchema });
/** Nothing was created: the subject has as many sessions as it may have. */
const quotaExceeded = v.strictObject({
	kind: v.literal('quota-exceeded'),
	max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(quotaMaxMax)),
});

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What a list says of a session: without attributes and secrets, so that a hundred are far below what Lambda carries. */
const listedSessionSchema = v.strictObject({
	id: sessionIdSchema,
	createdAtMs: timeMs,
	lastSeenAtMs: timeMs,
	/** When it ends unless it is used before. */
	idleExpiresAtMs: timeMs,
	absoluteExpiresAtMs: timeMs,
	assuranceLevel: v.picklist([1, 2, 3]),
	authenticatedAtMs: timeMs,
	receipt: receiptSchema,
});

/** A subject's live sessions, newest first. */
const listed = v.strictObject({
	kind: v.literal('listed'),
	sessions: v.pipe(v.array(listedSessionSchema), v.maxLength(listedMax)),
	/** There may be more. */
	more: v.boolean(),
});

/** Sessions of a subject were ended. */
const ended = v.strictObject({
	kind: v.literal('ended'),
	/** How many were live until now. */
	ended: v.pipe(v.number(), v.integer(), v.minValue(0)),
	/** A repository still has to learn of some of it. */
	degraded: v.boolean(),
	/** Not every one was got to; the same message again goes on. */
	more: v.boolean(),
});

const health = v.strictObject({
	kind: v.literal('health'),
	repositories: v.array(v.strictObject({ repository: repositoryNameSchema, answers: v.boolean() })),
});

export const answerSchema = v.variant('kind', [
	found,
	revoked,
	absent,
	unavailable,
	outdated,
	quotaExceeded,
	listed,
	ended,
	health,
]);

export type Answer = v.InferOutput<typeof answerSchema>;
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;
export type ListedSession = Readonly<v.InferOutput<typeof listedSessionSchema>>;
