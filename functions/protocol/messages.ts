import * as v from 'valibot';
import { createMessage } from './create.ts';
import { type Opened, open } from './envelope.ts';
import { inspectMessage } from './forged/inspect.ts';
import { healthMessage } from './health.ts';
import { listMessage } from './list.ts';
import { readMessage } from './read.ts';
import { recoverMessage } from './recover.ts';
import { revokeMessage } from './revoke.ts';
import { revokeSubjectMessage } from './revoke-subject.ts';
import { touchMessage } from './touch.ts';
import { updateMessage } from './update.ts';

/** The messages from session servers to the bus. Only the bus parses them. */
export const messageSchema = v.variant('operation', [
	createMessage(),
	readMessage(),
	recoverMessage(),
	updateMessage(),
	touchMessage(),
	revokeMessage(),
	listMessage(),
	revokeSubjectMessage(),
	inspectMessage(),
	healthMessage(),
]);

export type Message = v.InferOutput<typeof messageSchema>;
export type MessageOf<Name extends Message['operation']> = Extract<Message, { operation: Name }>;

/** Reads the message in `value`, which is parsed JSON. Only the bus reads messages. */
export function openMessage(value: unknown): Opened<Message> {
	return open(messageSchema, value);
}
