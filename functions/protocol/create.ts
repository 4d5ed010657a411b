import * as v from 'valibot';
import { quotaActions, quotaMaxMax } from '../access/quota.ts';
import { digestSchema, sessionIdSchema, sessionSchema, timeMs } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Stores the session of a new login, if the quota of its subject allows. */
export const createMessage = () =>
	v.object({
		operation: v.literal('create'),
		session: sessionSchema,
		quota: v.object({
			max: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(quotaMaxMax)),
			action: v.picklist(quotaActions),
		}),
		/**
		 * The ID token of the login: the digest of its claims, and when it is accepted no more.
		 * `retryOf`: the session with which this login used it, and which was ended meanwhile.
		 */
		idToken: v.exactOptional(
			v.object({
				digest: digestSchema,
				expiresAtMs: timeMs,
				retryOf: v.exactOptional(sessionIdSchema),
			}),
		),
		/** Creates a session without an entry in the index, after the answer `index-unavailable`. */
		withoutIndex: v.exactOptional(v.literal(true)),
	});

/** The answer is `revoked` if the session was ended while its login was under way. */
export const create = {
	answers: ['found', 'revoked', 'refused', 'quota-exceeded', 'token-used', 'index-unavailable', 'limited'],
	effect: 'quiet',
} as const satisfies Operation;
