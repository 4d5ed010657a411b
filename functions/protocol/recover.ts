import * as v from 'valibot';
import { instanceIdSchema, secretHashSchema, sessionIdSchema } from '../session/session-schema.ts';
import { demandSchema } from './fields/demand.ts';
import { seenAtMsSchema } from './fields/seen-at.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/** Reads a session whose owner's lease is sealed, and makes the asking instance its owner. */
export const recoverMessage = () =>
	v.object({
		operation: v.literal('recover'),
		sessionId: sessionIdSchema,
		/** Of the token that the client presented. */
		secretHash: secretHashSchema,
		demand: demandSchema,
		/** The latest use that the asking instance knows of and the bus may not. */
		seenAtMs: v.exactOptional(seenAtMsSchema),
		/** The asking instance, which holds a lease under this id. */
		adopter: instanceIdSchema,
		distrust: distrustSchema,
	});

/** `found` with `adopted` says that this very message made the adopter the owner. */
export const recover = { answers: ['found', 'revoked', 'absent'], effect: 'quiet' } as const satisfies Operation;
