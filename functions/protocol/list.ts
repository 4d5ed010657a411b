import * as v from 'valibot';
import { askerSchema } from './fields/asker.ts';
import { distrustSchema } from './forged/distrust.ts';
import type { Operation } from './operation.ts';

/** Lists the live sessions of the asker's subject. */
export const listMessage = () =>
	v.object({
		operation: v.literal('list'),
		asker: askerSchema,
		/** Records of the asking session. */
		distrust: distrustSchema,
	});

export const list = {
	answers: ['listed', 'revoked', 'absent', 'limited'],
	effect: 'none',
} as const satisfies Operation;
