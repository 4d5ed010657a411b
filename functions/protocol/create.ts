import * as v from 'valibot';
import { quotaActions, quotaMaxMax } from '../access/quota.ts';
import { sessionSchema } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Stores the session of a new login, if the quota of its subject allows. */
export const createMessage = () =>
	v.strictObject({
		operation: v.literal('create'),
		session: sessionSchema,
		quota: v.strictObject({
			max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(quotaMaxMax)),
			action: v.picklist(quotaActions),
		}),
	});

/** The answer is `revoked` if the session was ended while its login was under way. */
export const create = { answers: ['found', 'revoked', 'quota-exceeded'], effect: 'quiet' } as const satisfies Operation;
