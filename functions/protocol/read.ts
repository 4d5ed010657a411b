import * as v from 'valibot';
import { secretHashSchema, sessionIdSchema } from '../session/session-schema.ts';
import { demandSchema } from './fields/demand.ts';
import { seenAtMsSchema } from './fields/seen-at.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/**
 * Reads a session for an instance that borrows it. Writes nothing but activity that nobody has
 * reported for too long.
 */
export const readMessage = () =>
	v.object({
		operation: v.literal('read'),
		sessionId: sessionIdSchema,
		/** Of the token that the client presented. */
		secretHash: secretHashSchema,
		demand: demandSchema,
		/** The latest use that the asking instance knows of and the bus may not. */
		seenAtMs: v.exactOptional(seenAtMsSchema),
		distrust: distrustSchema,
	});

export const read = { answers: ['found', 'revoked', 'absent'], effect: 'none' } as const satisfies Operation;
