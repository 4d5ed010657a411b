import * as v from 'valibot';
import {
	attributeNameSchema,
	attributesMax,
	attributeValueSchema,
	secretHashSchema,
	sessionIdSchema,
	stampSchema,
} from '../session/session-schema.ts';
import { seenAtMsSchema } from './fields/seen-at.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/** Sets attributes, and deletes those whose new value is `null`. */
export const updateMessage = () =>
	v.object({
		operation: v.literal('update'),
		sessionId: sessionIdSchema,
		/** Of the token that the client presented. */
		secretHash: secretHashSchema,
		changes: v.pipe(
			v.record(attributeNameSchema, v.nullable(attributeValueSchema)),
			v.minEntries(1),
			v.maxEntries(attributesMax),
		),
		/** Larger than every stamp that the change replaces, as far as the asking instance knows. */
		stamp: stampSchema,
		/** Change the session only if it has this version (`versionOf`). */
		ifVersion: v.exactOptional(v.pipe(v.string(), v.maxLength(64))),
		/** The latest use that the asking instance knows of and the bus may not. */
		seenAtMs: v.exactOptional(seenAtMsSchema),
		distrust: distrustSchema,
	});

export const update = {
	answers: ['found', 'revoked', 'absent', 'outdated'],
	effect: 'visible',
} as const satisfies Operation;
