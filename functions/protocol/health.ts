import * as v from 'valibot';
import type { Operation } from './operation.ts';

/** Asks which repositories answer at the moment. */
export const healthMessage = () => v.object({ operation: v.literal('health') });

export const health = { answers: ['health'], effect: 'none' } as const satisfies Operation;
