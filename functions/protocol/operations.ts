import type { AnswerOf } from './answers.ts';
import { create } from './create.ts';
import { inspect } from './forged/inspect.ts';
import { health } from './health.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { recover } from './recover.ts';
import { revoke } from './revoke.ts';
import { revokeSubject } from './revoke-subject.ts';
import { touch } from './touch.ts';
import { update } from './update.ts';

/**
 * The operations that session servers can ask of the bus. Every instance may repeat an operation at
 * any time, with the same outcome.
 */
export const operations = {
	create,
	read,
	recover,
	update,
	touch,
	revoke,
	list,
	revokeSubject,
	inspect,
	health,
} as const;

export type OperationName = keyof typeof operations;

/** The answers that an operation can have. */
export type AnswerTo<Name extends OperationName> = AnswerOf<
	(typeof operations)[Name]['answers'][number] | 'unavailable'
>;

/** Whether the operation writes records, so that its answer can be degraded. */
export function writes(name: OperationName): boolean {
	return operations[name].effect !== 'none';
}
