import * as v from 'valibot';
import { sessionIdSchema, timeMs } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Reports activity: the session was used at `seenAtMs`. */
export const touchMessage = () =>
	v.strictObject({
		operation: v.literal('touch'),
		sessionId: sessionIdSchema,
		seenAtMs: timeMs,
	});

export const touch = { answers: ['found', 'revoked', 'absent'], effect: 'quiet' } as const satisfies Operation;
