import * as v from 'valibot';
import { sessionIdPattern } from '../../../session/ids.ts';
import { attributeNameSchema, attributeValueSchema, versionPattern } from '../../../session/session-schema.ts';
import { type ProblemCode, type ProblemDetail, problems } from '../problem.ts';

/*
 * The bodies of the API's answers, for its contract and the types of its code. Bundles import only
 * the types. Later versions may add fields to an answer.
 */

const handleSchema = v.pipe(v.string(), v.regex(sessionIdPattern));
/** RFC 3339, in UTC. */
const timeSchema = v.pipe(v.string(), v.isoTimestamp());
const countSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
const yes = v.exactOptional(v.literal(true));

const timesOfSession = {
	/** `null` if the issuer did not say it. */
	authenticatedAt: v.nullable(timeSchema),
	createdAt: timeSchema,
	lastSeenAt: timeSchema,
	/** When the session ends if it is not used before. */
	idleExpiresAt: timeSchema,
	absoluteExpiresAt: timeSchema,
};

/** A session as its client sees it. */
export const sessionSchema = v.object({
	handle: handleSchema,
	subject: v.string(),
	/** The level that the session has now. */
	assuranceLevel: v.picklist([1, 2, 3]),
	scopes: v.pipe(v.array(v.string()), v.readonly()),
	...timesOfSession,
	/** Those that clients may read. */
	attributes: v.record(attributeNameSchema, attributeValueSchema),
	version: v.pipe(v.string(), v.regex(versionPattern)),
});

/** One session in the list of a subject's sessions. */
export const listedSessionSchema = v.object({
	handle: handleSchema,
	/** Whether it is the client's own session. */
	current: v.boolean(),
	assuranceLevel: v.picklist([1, 2, 3]),
	...timesOfSession,
});

export const loginSchema = v.object({
	session: sessionSchema,
	/** Present if the login came with a live session of the same subject. */
	replaced: v.exactOptional(
		v.object({ handle: v.exactOptional(handleSchema), ended: v.boolean(), attributesLost: yes }),
	),
	/** Present if the client asked for a bearer token. */
	token: v.exactOptional(v.string()),
});

/** Present if the answer may not cover all of the subject's sessions. */
const gaps = { unreadable: v.exactOptional(v.pipe(countSchema, v.minValue(1))), incomplete: yes };

export const sessionListSchema = v.object({ sessions: v.array(listedSessionSchema), more: yes, ...gaps });

export const othersEndedSchema = v.object({ ended: countSchema, complete: v.boolean(), ...gaps });

/** A repository still has to learn of the end. */
export const endedInPartSchema = v.object({ complete: v.literal(false) });

/** The answer to a logout that is to be confirmed everywhere. */
export const confirmationSchema = v.object({
	complete: v.boolean(),
	confirmed: v.boolean(),
	afterMs: countSchema,
	waitingFor: v.exactOptional(countSchema),
});

/** Where a program sends the browser after a logout. */
export const locationSchema = v.object({ location: v.pipe(v.string(), v.url()) });

export const healthSchema = v.object({
	status: v.picklist(['ok', 'degraded', 'unavailable']),
	dependencies: v.object({
		controlTable: v.boolean(),
		bus: v.boolean(),
		/** Empty if the bus does not answer. */
		repositories: v.record(v.string(), v.boolean()),
	}),
});

/** An OpenAPI document. */
export const contractSchema = v.objectWithRest({ openapi: v.pipe(v.string(), v.regex(/^3\.1\./)) }, v.unknown());

const problemCodes = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

/** RFC 9457, with the code as an extension member. */
export const problemSchema = v.object({
	type: v.pipe(v.string(), v.regex(/^urn:leasehold:problem:[a-z_]+$/)),
	title: v.string(),
	status: v.pipe(v.number(), v.integer()),
	code: v.picklist(problemCodes),
	/** Why an ID token was refused. */
	detail: v.exactOptional(v.string()),
	/** The part of the request that is wrong. */
	field: v.exactOptional(v.string()),
	expected: v.exactOptional(v.string()),
}) satisfies v.GenericSchema<unknown, ProblemDetail & { readonly code: ProblemCode }>;

/** The body of answers that API Gateway makes itself. */
export const gatewayMessageSchema = v.object({ message: v.string() });
