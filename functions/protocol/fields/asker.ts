import * as v from 'valibot';
import { secretHashSchema, sessionIdSchema } from '../../session/session-schema.ts';

/**
 * The session for which a session server asks, and the hash of the secret in the token that its
 * client presented. The bus takes its subject from its record.
 */
export const askerSchema = v.object({ sessionId: sessionIdSchema, secretHash: secretHashSchema });

export type Asker = Readonly<v.InferOutput<typeof askerSchema>>;
