import * as v from 'valibot';
import { protocolVersion } from './version.ts';

/**
 * A message or an answer in the form in which it is sent: JSON with the version of the protocol.
 */
export function envelopeOf<Body>(body: Body): { protocol: number; body: Body } {
	return { protocol: protocolVersion, body };
}

/** A body, or the reason why it could not be read. */
export type Opened<Body> = { readonly kind: 'opened'; readonly body: Body } | Malformed;

export interface Malformed {
	readonly kind: 'malformed';
	/** The wrong field and what was expected there, but never its content. */
	readonly problem: string;
}

/** Opens an envelope that carries a body of this schema. */
export function open<Body extends v.GenericSchema>(body: Body, value: unknown): Opened<v.InferOutput<Body>> {
	const envelope = v.strictObject({ protocol: v.literal(protocolVersion), body });
	const result = v.safeParse(envelope, value, { abortEarly: true });
	return result.success
		? { kind: 'opened', body: result.output.body }
		: { kind: 'malformed', problem: describe(result.issues[0]) };
}

function describe(issue: v.BaseIssue<unknown>): string {
	// The messages of custom checks are ours. All other messages quote the content.
	const expectation = issue.type === 'custom' ? issue.message : `${issue.expected ?? issue.type} expected`;
	return `${v.getDotPath(issue) ?? 'message'}: ${expectation}`;
}
