import * as v from 'valibot';
import type { Answer } from './answers.ts';
import type { Message } from './messages.ts';
import { protocolVersion } from './version.ts';

/** A message or an answer as it travels. */
export function envelopeOf<Body extends Message | Answer>(body: Body): { protocol: number; body: Body } {
	return { protocol: protocolVersion, body };
}

/** What `value` carries, or what is wrong with it: field and expectation, never the content. */
export function opened<Body extends v.GenericSchema>(
	body: Body,
	value: unknown,
): v.InferOutput<Body> | { readonly malformed: string } {
	const envelope = v.strictObject({ protocol: v.literal(protocolVersion), body });
	const result = v.safeParse(envelope, value, { abortEarly: true });
	return result.success ? result.output.body : { malformed: describe(result.issues[0]) };
}

function describe(issue: v.BaseIssue<unknown>): string {
	// Only of custom checks is the message our own; others quote what they received.
	const expectation = issue.type === 'custom' ? issue.message : `${issue.expected ?? issue.type} expected`;
	return `${v.getDotPath(issue) ?? 'message'}: ${expectation}`;
}
