import * as v from 'valibot';
import { revocationSchema, sessionIdSchema, subjectSchema } from '../session/session-schema.ts';
import { distrustSchema } from './distrust.ts';
import type { Operation } from './operation.ts';

/** Ends one session for good. The client logs out, or ends another session of its subject. */
export const revokeMessage = () =>
	v.object({
		operation: v.literal('revoke'),
		sessionId: sessionIdSchema,
		revocation: revocationSchema,
		/** The id of the feed entries of this revocation. */
		changeId: v.pipe(v.string(), v.maxLength(64)),
		/** Whether instances must prove in their leases that they have read the feed entry. */
		proofWanted: v.boolean(),
		/** End the session only if it belongs to this subject. Otherwise the answer is `absent`. */
		subject: v.exactOptional(subjectSchema),
		distrust: distrustSchema,
	});

export const revoke = { answers: ['revoked', 'absent', 'limited'], effect: 'visible' } as const satisfies Operation;
