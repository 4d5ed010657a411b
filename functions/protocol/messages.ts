import * as v from 'valibot';
import { createMessage } from './create.ts';
import { type Opened, open } from './envelope.ts';
import { inspectMessage } from './forged/inspect.ts';
import { healthMessage } from './health.ts';
import { listMessage } from './list.ts';
import { operations } from './operations.ts';
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

/** A message of a later version of Leasehold, which has more operations than this one. */
export interface Unsupported {
	readonly kind: 'unsupported';
	readonly operation: string;
}

/** Reads the message in `value`, which is parsed JSON. Only the bus reads messages. */
export function openMessage(value: unknown): Opened<Message> | Unsupported {
	const addressed = open(addressSchema, value);
	if (addressed.kind === 'opened' && !Object.hasOwn(operations, addressed.body.operation))
		return { kind: 'unsupported', operation: addressed.body.operation };
	return open(messageSchema, value);
}

/** The part that messages of every version have. */
const addressSchema = v.object({ operation: v.pipe(v.string(), v.regex(/^[a-z][A-Za-z]{0,31}$/)) });
