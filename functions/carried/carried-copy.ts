import { type KeyObject, sign, verify } from 'node:crypto';
import * as v from 'valibot';
import { type Receipt, receiptSchema } from '../protocol/receipt.ts';
import type { Session } from '../session/session.ts';
import { recordSchema } from '../session/session-schema.ts';
import { stubOf } from '../session/stub.ts';
import type { SigningKey } from './copy-keys.ts';

/**
 * The answer of a bus about a session, for the client to carry to any instance. It lets nobody in
 * without the session's token.
 *
 * The text has five parts, separated by dots. The signature is over all that is before its dot.
 *
 * | format | known-at | key id | content | Ed25519 signature |
 * |---|---|---|---|---|
 * | `1` | milliseconds in base 36 | as published | JSON in base64url | 64 bytes in base64url |
 */
export interface CarriedCopy {
	/**
	 * A stub. The client can read the text, and may not read every attribute. So a change of
	 * attributes leaves the copy as true as it was.
	 */
	readonly session: Session;
	/**
	 * By the clock of the bus, before it asked anything. Every change that was acknowledged by then
	 * is in the copy.
	 */
	readonly knownAtMs: number;
	/** Of the bus's answer, without latencies and the names of errors. */
	readonly receipt: Receipt;
}

/** The part of a text that tells which key to verify it with. Nobody has verified it yet. */
export interface Claim {
	readonly knownAtMs: number;
	readonly keyId: string;
}

/**
 * The longest text, in characters. A browser keeps cookies of 4,096, and API Gateway takes headers
 * of 10,240 in total. A session without long scopes takes about 900.
 */
export const carriedTextMax = 2_048;

const format = '1';
const beginPattern = /^1\.([0-9a-z]{1,9})\.([A-Za-z0-9_-]{1,64})\./;

/** The text of a copy. `undefined`: it would be too long to carry. */
export function signCarried(key: SigningKey, { session, knownAtMs, receipt }: CarriedCopy): string | undefined {
	const { attributes: _, partial: __, ...head } = stubOf(session);
	const content = Buffer.from(JSON.stringify({ session: head, receipt: factsOf(receipt) }));
	const text = [format, Math.floor(knownAtMs).toString(36), key.id, content.toString('base64url')].join('.');
	const signature = sign(null, Buffer.from(text), key.privateKey);
	const signed = `${text}.${signature.toString('base64url')}`;
	return signed.length > carriedTextMax ? undefined : signed;
}

/** `undefined`: the text does not have the form of a copy. */
export function claimOf(text: string): Claim | undefined {
	const [, knownAt, keyId] = beginPattern.exec(text) ?? [];
	if (knownAt === undefined || keyId === undefined) return undefined;
	return { knownAtMs: Number.parseInt(knownAt, 36), keyId };
}

/**
 * The last use of the session that the text tells of. Nobody has verified it. `undefined`: it does
 * not have the form of a copy.
 */
export function claimedUseMs(text: string): number | undefined {
	if (text.length > carriedTextMax || claimOf(text) === undefined) return undefined;
	try {
		const content = JSON.parse(Buffer.from(text.split('.')[3] ?? '', 'base64url').toString());
		const { lastSeenAtMs } = v.parse(useSchema, content).session;
		return lastSeenAtMs;
	} catch {
		return undefined;
	}
}

/** `undefined`: the text was not signed with this key, or a later version made it. */
export function openCarried(publicKey: KeyObject, text: string): CarriedCopy | undefined {
	const claim = text.length > carriedTextMax ? undefined : claimOf(text);
	if (claim === undefined) return undefined;
	const signatureAt = text.lastIndexOf('.');
	const signature = Buffer.from(text.slice(signatureAt + 1), 'base64url');
	const signed = text.slice(0, signatureAt);
	if (!verify(null, Buffer.from(signed), publicKey, signature)) return undefined;
	const content = Buffer.from(signed.slice(signed.lastIndexOf('.') + 1), 'base64url');
	const parsed = v.safeParse(contentSchema, JSON.parse(content.toString()));
	if (!parsed.success) return undefined;
	const session = v.safeParse(recordSchema, { ...parsed.output.session, attributes: {}, partial: true });
	if (!session.success) return undefined;
	return { session: Object.freeze(session.output), knownAtMs: claim.knownAtMs, receipt: parsed.output.receipt };
}

const useSchema = v.object({ session: v.object({ lastSeenAtMs: v.number() }) });

const contentSchema = v.object({ session: v.looseObject({}), receipt: receiptSchema });

function factsOf({ tookMs: _, ageMs: __, asked, ...receipt }: Receipt): Receipt {
	return { ...receipt, asked: asked.map(({ repository, outcome }) => ({ repository, outcome })) };
}
