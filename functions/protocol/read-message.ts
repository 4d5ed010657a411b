import { opened } from './envelope.ts';
import { type Message, messageSchema } from './messages.ts';

/** The message in `value`, or what is wrong with it. The bus alone reads messages. */
export function readMessage(value: unknown): Message | { readonly malformed: string } {
	return opened(messageSchema, value);
}
