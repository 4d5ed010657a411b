import * as v from 'valibot';
import { revocationSchema } from '../session/session-schema.ts';
import { askerSchema } from './fields/asker.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/**
 * Ends the other sessions of the asker's subject that were created before or at the time of the
 * revocation.
 */
export const revokeSubjectMessage = () =>
	v.object({
		operation: v.literal('revokeSubject'),
		asker: askerSchema,
		revocation: revocationSchema,
		/** The id of the feed entries of these revocations. */
		changeId: v.pipe(v.string(), v.maxLength(64)),
		/** Records of the asking session. */
		distrust: distrustSchema,
	});

/** The answer is `revoked` if the asking session was ended before. Then no other is ended. */
export const revokeSubject = {
	answers: ['ended', 'revoked', 'absent', 'limited'],
	effect: 'visible',
} as const satisfies Operation;
