import * as v from 'valibot';
import { revocationSchema, sessionIdSchema, subjectSchema } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Ends the sessions of a subject that were created before or at the time of the revocation. */
export const revokeSubjectMessage = () =>
	v.object({
		operation: v.literal('revokeSubject'),
		subject: subjectSchema,
		/** The one session that is not ended. */
		except: v.exactOptional(sessionIdSchema),
		revocation: revocationSchema,
		/** The id of the feed entries of these revocations. */
		changeId: v.pipe(v.string(), v.maxLength(64)),
	});

/** The answer is `revoked` if the excepted session was ended before. Then no other is ended. */
export const revokeSubject = {
	answers: ['ended', 'revoked', 'limited'],
	effect: 'visible',
} as const satisfies Operation;
