import * as v from 'valibot';
import { type Answer, answerSchema } from './answers.ts';
import { type Message, messageSchema } from './messages.ts';
import { protocolVersion } from './version.ts';

/** A message or an answer as it travels. */
const envelope = <Body extends v.GenericSchema>(body: Body) =>
	v.strictObject({ protocol: v.literal(protocolVersion), body });

const messageEnvelope = envelope(messageSchema);
const answerEnvelope = envelope(answerSchema);

export function envelopeOf<Body extends Message | Answer>(body: Body): { protocol: number; body: Body } {
	return { protocol: protocolVersion, body };
}

/** The message in `value`, or what is wrong with it: field and expectation, never the content. */
export function readMessage(value: unknown): Message | { readonly malformed: string } {
	const result = v.safeParse(messageEnvelope, value, { abortEarly: true });
	return result.success ? result.output.body : { malformed: describe(result.issues[0]) };
}

/** The answer in `value`, or what is wrong with it. */
export function readAnswer(value: unknown): Answer | { readonly malformed: string } {
	const result = v.safeParse(answerEnvelope, value, { abortEarly: true });
	return result.success ? result.output.body : { malformed: describe(result.issues[0]) };
}

function describe(issue: v.BaseIssue<unknown>): string {
	// Only of custom checks is the message our own; others quote what they received.
	const expectation = issue.type === 'custom' ? issue.message : `${issue.expected ?? issue.type} expected`;
	return `${v.getDotPath(issue) ?? 'message'}: ${expectation}`;
}
