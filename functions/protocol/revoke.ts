import * as v from 'valibot';
import { revocationSchema, sessionIdSchema } from '../session/session-schema.ts';
import { askerSchema } from './fields/asker.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/** Ends one session for good. The client logs out, or ends another session of its subject. */
export const revokeMessage = () =>
	v.object({
		operation: v.literal('revoke'),
		sessionId: sessionIdSchema,
		/** The session itself, or another one of its subject. Otherwise the answer is `absent`. */
		asker: askerSchema,
		revocation: revocationSchema,
		/** The id of the feed entries of this revocation. */
		changeId: v.pipe(v.string(), v.maxLength(64)),
		/** Whether instances must prove in their leases that they have read the feed entry. */
		proofWanted: v.boolean(),
		distrust: distrustSchema,
	});

/** The answer has the asking session if that was ended before. Then no other one is ended. */
export const revoke = { answers: ['revoked', 'absent', 'limited'], effect: 'visible' } as const satisfies Operation;
