import * as v from 'valibot';
import { subjectSchema } from '../session/session-schema.ts';
import type { Operation } from './operation.ts';

/** Lists the live sessions of a subject. */
export const listMessage = () => v.object({ operation: v.literal('list'), subject: subjectSchema });

export const list = { answers: ['listed', 'limited'], effect: 'none' } as const satisfies Operation;
