import * as v from 'valibot';
import { revocationSchema, sessionIdSchema, subjectSchema } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Ends one session for good: a logout, or a subject that ends another of its own sessions. */
export const revokeMessage = v.strictObject({
	operation: v.literal('revoke'),
	sessionId: sessionIdSchema,
	revocation: revocationSchema,
	/** Names the feed entries of this revocation. */
	changeId: v.pipe(v.string(), v.maxLength(64)),
	/** Instances must prove, in their leases, that they have read the feed entry. */
	proofWanted: v.boolean(),
	/** End the session only if it is this subject's. A session of any other subject is `absent`. */
	subject: v.exactOptional(subjectSchema),
});

export const revoke = { answers: ['revoked', 'absent'], effect: 'visible' } as const satisfies Operation;
