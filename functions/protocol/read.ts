import * as v from 'valibot';
import { sessionIdSchema } from '../session/session-schema.ts';
import { demandSchema } from './demand.ts';
import type { Operation } from './operation.ts';

/** Reads a session for an instance that borrows it. */
export const readMessage = () =>
	v.strictObject({
		operation: v.literal('read'),
		sessionId: sessionIdSchema,
		demand: demandSchema,
	});

export const read = { answers: ['found', 'revoked', 'absent'], effect: 'none' } as const satisfies Operation;
