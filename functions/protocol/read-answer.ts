import { type Answer, answerSchema } from './answers.ts';
import { opened } from './envelope.ts';

/** The answer in `value`, or what is wrong with it. Session servers alone read answers. */
export function readAnswer(value: unknown): Answer | { readonly malformed: string } {
	return opened(answerSchema, value);
}
