import * as v from 'valibot';
import { secretHashSchema, sessionIdSchema } from '../session/session-schema.ts';
import { seenAtMsSchema } from './fields/seen-at.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/** Reports activity: the session was used at `seenAtMs`. */
export const touchMessage = () =>
	v.object({
		operation: v.literal('touch'),
		sessionId: sessionIdSchema,
		/** Of the token that the client presented. */
		secretHash: secretHashSchema,
		seenAtMs: seenAtMsSchema,
		distrust: distrustSchema,
	});

export const touch = { answers: ['found', 'revoked', 'absent'], effect: 'quiet' } as const satisfies Operation;
