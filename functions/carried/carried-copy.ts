import { type KeyObject, sign, verify } from 'node:crypto';
import * as v from 'valibot';
import { type Receipt, receiptSchema } from '../protocol/receipt.ts';
import type { Session, SessionId } from '../session/session.ts';
import { recordSchema } from '../session/session-schema.ts';
import { stubOf } from '../session/stub.ts';
import type { SigningKey } from './copy-keys.ts';

/**
 * The answer of a bus about a session, for the client to carry to any instance. It lets nobody in
 * without the session's token.
 *
 * The text has five parts, separated by dots. The signature is over all that is before its dot.
 * Session servers may add a sixth, which nobody signs.
 *
 * | format | known-at | key id | content | Ed25519 signature | reported use |
 * |---|---|---|---|---|---|
 * | `1` | milliseconds in base 36 | as published | JSON in base64url | 64 bytes in base64url | milliseconds in base 36 |
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

/** The use that a text tells of. Nobody has verified it. */
export interface ClaimedUse {
	/** The last use that the copy has. */
	readonly lastSeenAtMs: number;
	/** The last use that was reported, in the copy or after it. */
	readonly reportedMs: number;
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
const partsPattern = /^(1\.[0-9a-z]+\.[\w-]+\.([\w-]+))\.([\w-]+)(?:\.([0-9a-z]{1,9}))?$/;

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

/** `undefined`: the text does not have the form of a copy of this session. */
export function claimedUse(text: string, sessionId: SessionId): ClaimedUse | undefined {
	const parts = partsOf(text);
	if (parts === undefined) return undefined;
	try {
		const { id, lastSeenAtMs } = v.parse(useSchema, JSON.parse(decoded(parts.content))).session;
		if (id !== sessionId) return undefined;
		return { lastSeenAtMs, reportedMs: Math.max(lastSeenAtMs, parts.reportedMs ?? 0) };
	} catch {
		return undefined;
	}
}

/**
 * The text, with a note that use until `reportedMs` was reported after the copy was signed.
 * `undefined`: it would be too long, or the text does not have the form of a copy.
 */
export function withReportedUse(text: string, reportedMs: number): string | undefined {
	const parts = partsOf(text);
	if (parts === undefined) return undefined;
	const noted = `${parts.signed}.${parts.signature}.${Math.floor(reportedMs).toString(36)}`;
	return noted.length > carriedTextMax ? undefined : noted;
}

/** `undefined`: the text was not signed with this key, or a later version made it. */
export function openCarried(publicKey: KeyObject, text: string): CarriedCopy | undefined {
	const claim = claimOf(text);
	const parts = partsOf(text);
	if (claim === undefined || parts === undefined) return undefined;
	const signature = Buffer.from(parts.signature, 'base64url');
	if (!verify(null, Buffer.from(parts.signed), publicKey, signature)) return undefined;
	const parsed = v.safeParse(contentSchema, JSON.parse(decoded(parts.content)));
	if (!parsed.success) return undefined;
	const session = v.safeParse(recordSchema, { ...parsed.output.session, attributes: {}, partial: true });
	if (!session.success) return undefined;
	return { session: Object.freeze(session.output), knownAtMs: claim.knownAtMs, receipt: parsed.output.receipt };
}

interface Parts {
	/** All that is before the signature. */
	readonly signed: string;
	readonly content: string;
	readonly signature: string;
	readonly reportedMs?: number;
}

function partsOf(text: string): Parts | undefined {
	if (text.length > carriedTextMax) return undefined;
	const [, signed, content, signature, reported] = partsPattern.exec(text) ?? [];
	if (signed === undefined || content === undefined || signature === undefined) return undefined;
	const parts = { signed, content, signature };
	return reported === undefined ? parts : { ...parts, reportedMs: Number.parseInt(reported, 36) };
}

function decoded(content: string): string {
	return Buffer.from(content, 'base64url').toString();
}

const useSchema = v.object({ session: v.object({ id: v.string(), lastSeenAtMs: v.number() }) });

const contentSchema = v.object({ session: v.looseObject({}), receipt: receiptSchema });

function factsOf({ tookMs: _, ageMs: __, asked, ...receipt }: Receipt): Receipt {
	return { ...receipt, asked: asked.map(({ repository, outcome }) => ({ repository, outcome })) };
}
