import * as v from 'valibot';
import { secretHashSchema, sessionIdSchema, subjectSchema } from '../../session/session-schema.ts';

/**
 * The session for which a session server asks, and the hash of the secret in the token that its
 * client presented. The bus takes its subject from its record.
 */
export const askerSchema = v.object({
	sessionId: sessionIdSchema,
	secretHash: secretHashSchema,
	/**
	 * The subject that a session server signed. The bus cannot tell whether the record is forged, so
	 * it does nothing for a record with another subject.
	 */
	subject: v.exactOptional(subjectSchema),
});

export type Asker = Readonly<v.InferOutput<typeof askerSchema>>;
