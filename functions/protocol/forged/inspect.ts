import * as v from 'valibot';
import { secretHashSchema, sessionIdSchema } from '../../session/session-schema.ts';
import type { Operation } from '../operation.ts';

/**
 * Reads the records of a session without merging them. A session server asks this when the answer
 * to another message is forged, or the repositories contradict each other.
 */
export const inspectMessage = () =>
	v.object({
		operation: v.literal('inspect'),
		sessionId: sessionIdSchema,
		/** Of the token that the client presented. */
		secretHash: secretHashSchema,
	});

export const inspect = { answers: ['records'], effect: 'none' } as const satisfies Operation;
