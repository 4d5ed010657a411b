import * as v from 'valibot';
import { oldestProtocol, protocolVersion } from './version.ts';

/** A message or an answer in the form in which it is sent, as JSON. */
export interface Envelope<Body> {
	/** The version of the protocol that the sender speaks. */
	readonly protocol: number;
	/** The oldest version whose readers understand the body. */
	readonly oldest: number;
	readonly body: Body;
}

export function envelopeOf<Body>(body: Body): Envelope<Body> {
	return { protocol: protocolVersion, oldest: oldestProtocol, body };
}

/** A body, or the reason why it could not be read. */
export type Opened<Body> = { readonly kind: 'opened'; readonly body: Body } | Malformed;

export interface Malformed {
	readonly kind: 'malformed';
	/** The wrong field and what was expected there, but never its content. */
	readonly problem: string;
}

/** The versions of the protocol that one version of Leasehold understands. */
export type Spoken = Pick<Envelope<unknown>, 'protocol' | 'oldest'>;

/**
 * Opens an envelope that carries a body of this schema. The sender and the reader each name the
 * oldest version that they understand, and the other one must not be older than that. Fields that
 * this version does not know are left out.
 */
export function open<Body extends v.GenericSchema>(
	body: Body,
	value: unknown,
	own: Spoken = { protocol: protocolVersion, oldest: oldestProtocol },
): Opened<v.InferOutput<Body>> {
	const envelope = v.object({
		protocol: v.pipe(v.number(), v.integer(), v.minValue(own.oldest)),
		oldest: v.pipe(v.number(), v.integer(), v.maxValue(own.protocol)),
		body,
	});
	const result = v.safeParse(envelope, value, { abortEarly: true });
	return result.success
		? { kind: 'opened', body: result.output.body }
		: { kind: 'malformed', problem: describe(result.issues[0]) };
}

function describe(issue: v.BaseIssue<unknown>): string {
	// The messages of our own checks do not quote the content. All other messages do.
	const isOurs = issue.type === 'custom' || issue.type === 'check';
	const expectation = isOurs ? issue.message : `${issue.expected ?? issue.type} expected`;
	return `${v.getDotPath(issue) ?? 'message'}: ${expectation}`;
}
