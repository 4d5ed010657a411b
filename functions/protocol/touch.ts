import * as v from 'valibot';
import { sessionIdSchema } from '../session/session-schema.ts';
import { distrustSchema } from './distrust.ts';
import type { Operation } from './operation.ts';
import { seenAtMsSchema } from './seen-at.ts';

/** Reports activity: the session was used at `seenAtMs`. */
export const touchMessage = () =>
	v.object({
		operation: v.literal('touch'),
		sessionId: sessionIdSchema,
		seenAtMs: seenAtMsSchema,
		distrust: distrustSchema,
	});

export const touch = { answers: ['found', 'revoked', 'absent'], effect: 'quiet' } as const satisfies Operation;
