import * as v from 'valibot';
import { instanceIdSchema, secretHashSchema, sessionIdSchema } from '../session/session-schema.ts';
import { demandSchema } from './fields/demand.ts';
import { seenAtMsSchema } from './fields/seen-at.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/**
 * Reads a session whose owner's lease is sealed, and makes the asking instance its owner. With
 * `sealedOwner`, the session is lent first.
 */
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
		/**
		 * The owner whose lease the asking instance found sealed. If the session still has this or
		 * another sealed owner, the bus answers before it records a new one, and the asking instance
		 * sends the message again without this field.
		 */
		sealedOwner: v.exactOptional(instanceIdSchema),
		distrust: distrustSchema,
	});

/**
 * `found` with `adopted` says that this very message made the adopter the owner. With `adoptable`,
 * the message without `sealedOwner` would.
 */
export const recover = { answers: ['found', 'revoked', 'absent'], effect: 'quiet' } as const satisfies Operation;
