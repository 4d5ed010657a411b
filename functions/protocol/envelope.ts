import * as v from 'valibot';
import { type Answer, answerSchema } from './answers.ts';
import { type Message, messageSchema } from './messages.ts';
import { protocolVersion } from './version.ts';

/** A message or an answer as it travels. */
export function envelopeOf<Body extends Message | Answer>(body: Body): { protocol: number; body: Body } {
	return { protocol: protocolVersion, body };
}

/** A body, or what is wrong with it: the field and what was expected there, never the content. */
export type Opened<Body> = { readonly kind: 'opened'; readonly body: Body } | Malformed;

export interface Malformed {
	readonly kind: 'malformed';
	readonly problem: string;
}

/** The message in `value`. Only the bus reads messages. */
export function openMessage(value: unknown): Opened<Message> {
	return open(messageSchema, value);
}

/** The answer in `value`. Only session servers read answers. */
export function openAnswer(value: unknown): Opened<Answer> {
	return open(answerSchema, value);
}

function open<Body extends v.GenericSchema>(body: Body, value: unknown): Opened<v.InferOutput<Body>> {
	const envelope = v.strictObject({ protocol: v.literal(protocolVersion), body });
	const result = v.safeParse(envelope, value, { abortEarly: true });
	return result.success
		? { kind: 'opened', body: result.output.body }
		: { kind: 'malformed', problem: describe(result.issues[0]) };
}

function describe(issue: v.BaseIssue<unknown>): string {
	// Only of custom checks is the message our own; others quote what they received.
	const expectation = issue.type === 'custom' ? issue.message : `${issue.expected ?? issue.type} expected`;
	return `${v.getDotPath(issue) ?? 'message'}: ${expectation}`;
}
