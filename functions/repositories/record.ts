import { hash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { Session, SessionId } from '../session/session.ts';
import { recordSchema, sessionSchemaNumber } from '../session/session-schema.ts';
import type { Failed } from './failed.ts';

/**
 * A session as repositories store it: JSON as text, or gzipped JSON as bytes if it is long. The
 * first byte tells them apart.
 */
export type EncodedRecord = string | Uint8Array;

/**
 * A write unit of DynamoDB is 1 kB, so compressing a shorter record would save little.
 * Uncompressed, people can read it in the console.
 */
const compressAboveBytes = 2 * 1024;

/**
 * The limit of a record's JSON: four times the limit of its attributes, because concurrent changes
 * may exceed that limit together. Leasehold never writes a longer record.
 */
export const recordBytesMax = 4 * 1024 * 1024;

/**
 * Encodes a record. Gzip has a checksum and a magic number, and every tool can read it. JSON
 * compresses about as well at its fastest level as at any other.
 *
 * @throws RangeError when the record is longer than `recordBytesMax`.
 */
export function encodeRecord(session: Session): EncodedRecord {
	const record = encoded(session);
	if (record === undefined) throw new RangeError(`the record of ${session.id} is larger than ${recordBytesMax} bytes`);
	return record;
}

/** Whether the encoded record of `session` has at most `bytesMax` bytes. */
export function isEncodedWithin(session: Session, bytesMax: number): boolean {
	const record = encoded(session);
	if (record === undefined) return false;
	return (typeof record === 'string' ? Buffer.byteLength(record) : record.length) <= bytesMax;
}

function encoded(session: Session): EncodedRecord | undefined {
	const known = records.get(session);
	if (known !== undefined) return known;
	const json = JSON.stringify(session);
	const bytes = Buffer.byteLength(json);
	if (bytes > recordBytesMax) return undefined;
	const record = bytes > compressAboveBytes ? gzipSync(json, { level: 1 }) : json;
	records.set(session, record);
	return record;
}

/** A session is never changed in place, so it is encoded once for all attempts to write it. */
const records = new WeakMap<Session, EncodedRecord>();

/**
 * The session in the stored record of `id`. If the record cannot be read, nothing is known about
 * the session: it is not absent (I8).
 */
export function readRecord(
	id: SessionId,
	record: EncodedRecord,
): { readonly kind: 'found'; readonly session: Session } | Failed {
	try {
		const session = decodeRecord(record);
		if (session.id !== id) throw new Error(`the record of ${id} is that of another session`);
		return { kind: 'found', session };
	} catch (cause) {
		return { kind: 'failed', reason: isOfLaterSchema(record) ? 'unknown-schema' : 'corrupt', cause };
	}
}

/**
 * @throws when the record is damaged, too long, or not a session that this version of Leasehold can
 * read.
 */
export function decodeRecord(record: EncodedRecord): Session {
	return v.parse(recordSchema, jsonOf(record));
}

/** Whether `session` keeps the limits of a record, so that it can be read once it is stored. */
export function isReadable(session: Session): boolean {
	return encoded(session) !== undefined && v.is(recordSchema, session);
}

/**
 * Whether a later version of Leasehold wrote the record. Such a record must survive a rollback to
 * this version, so it is neither read, nor overwritten, nor moved aside.
 */
function isOfLaterSchema(record: EncodedRecord): boolean {
	try {
		return v.is(laterRecordSchema, jsonOf(record));
	} catch {
		return false;
	}
}

/** Every version of Leasehold keeps the schema's number in the same place. */
const laterRecordSchema = v.object({ schema: v.pipe(v.number(), v.integer(), v.gtValue(sessionSchemaNumber)) });

/** @throws when the record is damaged, too long, or not JSON. */
function jsonOf(record: EncodedRecord): unknown {
	return JSON.parse(typeof record === 'string' ? record : textOf(record));
}

const openingBrace = 0x7b;

function textOf(bytes: Uint8Array): string {
	const json = bytes[0] === openingBrace ? bytes : gunzipSync(bytes, { maxOutputLength: recordBytesMax });
	return new TextDecoder('utf-8', { fatal: true }).decode(json);
}

/**
 * The name under which a record is moved aside. It tells the bytes apart, so that a record that is
 * moved aside later does not replace what a person may still have to look at.
 */
export function asideName(id: SessionId, record: EncodedRecord): string {
	return `${id}.${hash('sha256', record, 'base64url')}`;
}

/**
 * When a store may delete the record, in seconds since the Unix epoch: a day after the session's
 * age limit. A tombstone stays as long. Otherwise an old record in another store could revive the
 * session (I1).
 */
export function collectableAtSeconds(session: Session): number {
	return Math.ceil(session.absoluteExpiresAtMs / 1000) + 86_400;
}
