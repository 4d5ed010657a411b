import * as v from 'valibot';
import { quotaMaxMax } from '../access/quota.ts';
import { repositoryNames } from '../session/repository-name.ts';
import { forgedRecordSchema, sessionIdSchema, sessionSchema, timeMs } from '../session/session-schema.ts';
import { type Opened, open } from './envelope.ts';
import { type Receipt, receiptSchema, repositoryNameSchema } from './receipt.ts';

/*
 * The answers of the bus. A session is found, revoked or absent, and a write that changed nothing
 * says why. `unavailable` says nothing about the session (I8).
 */

/** The most sessions in one list: as many as the largest quota allows. */
export const listedMax = quotaMaxMax;

/**
 * The longest carried copy that a reader takes, in characters. A cookie may have 4,096 with its
 * name. This version makes shorter ones.
 */
const carriedLengthMax = 4_000;

const found = v.object({
	kind: v.literal('found'),
	session: sessionSchema,
	/** Present if the asking instance became the owner. Only `recover` can do that. */
	adopted: v.exactOptional(v.literal(true)),
	/** Present if the owner's lease is sealed, and the bus has not recorded another owner. */
	adoptable: v.exactOptional(v.literal(true)),
	receipt: receiptSchema,
	/**
	 * This answer, signed, for the client to carry to any instance. See
	 * `functions/carried/carried-copy.ts`. Absent if the bus has no key, the answer is doubtful or
	 * degraded, or the text would be too long.
	 */
	carried: v.exactOptional(v.pipe(v.string(), v.maxLength(carriedLengthMax))),
});
const revoked = v.object({
	kind: v.literal('revoked'),
	session: sessionSchema,
	/** As in `found`: the session was ended at the moment of the adoption. */
	adopted: v.exactOptional(v.literal(true)),
	receipt: receiptSchema,
});
/**
 * No repository has such a session, or the session does not accept the secret that the message
 * names. Nobody can tell the one from the other.
 */
const absent = v.object({ kind: v.literal('absent'), receipt: receiptSchema });
const unavailable = v.object({
	kind: v.literal('unavailable'),
	/** The part that did not answer, for logs. */
	reason: v.string(),
	/** Present if records of the session contradict each other. `inspect` shows them. */
	contradicted: v.exactOptional(v.literal(true)),
	receipt: receiptSchema,
});
/**
 * Nothing was written, because the stored session has newer stamps or another version than the
 * change expects. `session` is the stored session.
 */
const outdated = v.object({ kind: v.literal('outdated'), session: sessionSchema, receipt: receiptSchema });
/**
 * Nothing was created, because no login creates such a session. Repeating the message does not
 * help.
 */
const refused = v.object({
	kind: v.literal('refused'),
	/** The fault of the session, for logs. */
	problem: v.string(),
});
/** Nothing was created, because the subject has reached its quota. */
const quotaExceeded = v.object({
	kind: v.literal('quota-exceeded'),
	max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(quotaMaxMax)),
});

/** Nothing was created, because the ID token has logged in before. */
const tokenUsed = v.object({ kind: v.literal('token-used') });
/**
 * Nothing was acknowledged, because the subject index is unavailable. It may have an entry of the
 * session, which somebody may have found. So only another session can begin without the index.
 */
const indexUnavailable = v.object({ kind: v.literal('index-unavailable') });
/**
 * Nothing was done, because this bus does not know the operation. It is of the release before that
 * of the session server.
 */
const unsupported = v.object({
	kind: v.literal('unsupported'),
	/** The name in the message. */
	operation: v.string(),
});
/** Nothing was done: the subject's clients send more than those of one subject may. */
const limited = v.object({
	kind: v.literal('limited'),
	/** When they may try again. */
	waitMs: v.pipe(v.number(), v.finite(), v.minValue(0)),
});

/**
 * A session in a list. It has no attributes and no secrets, so a list of a hundred sessions is far
 * below the size limit of Lambda's payloads.
 */
const listedSessionSchema = v.object({
	id: sessionIdSchema,
	createdAtMs: timeMs,
	lastSeenAtMs: timeMs,
	/** When the session ends if it is not used before. */
	idleExpiresAtMs: timeMs,
	absoluteExpiresAtMs: timeMs,
	assuranceLevel: v.picklist([1, 2, 3]),
	authenticatedAtMs: timeMs,
	authenticationTimeUnknown: v.exactOptional(v.literal(true)),
	receipt: receiptSchema,
});

/** A subject's live sessions, newest first. */
const listed = v.object({
	kind: v.literal('listed'),
	sessions: v.pipe(v.array(listedSessionSchema), v.maxLength(listedMax)),
	/** How many more there may be that no repository can read. Absent if there are none. */
	unreadable: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
	/** Part of the subject index was lost, so sessions may be missing that nobody has used since. */
	incomplete: v.exactOptional(v.literal(true)),
	/** Whether the subject may have more sessions than are listed. */
	more: v.boolean(),
});

/** Sessions of a subject have been ended. */
const ended = v.object({
	kind: v.literal('ended'),
	/** How many of them were live until now. */
	ended: v.pipe(v.number(), v.integer(), v.minValue(0)),
	/** Whether a repository still has to learn of some of the revocations. */
	degraded: v.boolean(),
	/** How many were not ended because no repository can read them. Absent if there are none. */
	unreadable: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1))),
	/** Part of the subject index was lost, so sessions may live that nobody has used since. */
	incomplete: v.exactOptional(v.literal(true)),
	/** Whether some sessions are left to end. Sending the same message again ends more of them. */
	more: v.boolean(),
});

/** The records of a session that could be read and accept the secret, without their attributes. */
const records = v.object({
	kind: v.literal('records'),
	/**
	 * Names the records that do not accept the secret. They are not shown: somebody could have stored
	 * a record with another secret under the id of a session, to learn that of its client.
	 */
	others: v.exactOptional(v.pipe(v.array(forgedRecordSchema), v.maxLength(repositoryNames.length))),
	records: v.pipe(
		v.array(v.object({ repository: repositoryNameSchema, session: sessionSchema })),
		v.maxLength(repositoryNames.length),
	),
	receipt: receiptSchema,
});

const health = v.object({
	kind: v.literal('health'),
	repositories: v.array(v.object({ repository: repositoryNameSchema, answers: v.boolean() })),
});

export const answerSchema = v.variant('kind', [
	found,
	revoked,
	absent,
	unavailable,
	outdated,
	refused,
	quotaExceeded,
	tokenUsed,
	indexUnavailable,
	unsupported,
	limited,
	listed,
	ended,
	records,
	health,
]);

export type Answer = v.InferOutput<typeof answerSchema>;
export type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { kind: Kind }>;
export type ListedSession = Readonly<v.InferOutput<typeof listedSessionSchema>>;

/** The receipt of an answer about repositories. The other kinds have none. */
export function receiptOf(answer: Answer): Receipt | undefined {
	switch (answer.kind) {
		case 'found':
		case 'revoked':
		case 'absent':
		case 'unavailable':
		case 'outdated':
			return answer.receipt;
		default:
			return undefined;
	}
}

/** Reads the answer in `value`, which is parsed JSON. Only session servers read answers. */
export function openAnswer(value: unknown): Opened<Answer> {
	return open(answerSchema, value);
}
