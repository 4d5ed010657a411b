import { gunzipSync, gzipSync } from 'node:zlib';
import * as v from 'valibot';
import type { Session } from '../session/session.ts';
import { recordSchema } from '../session/session-schema.ts';

/** A session as repositories keep it: JSON as text, or where that is long, gzip of it as bytes. The first byte tells which. */
export type EncodedRecord = string | Uint8Array;

/** A write unit of DynamoDB is 1 kB, so below this there is little to be saved, and a record can be read as it is. */
const compressAboveBytes = 2 * 1024;

/**
 * Of the JSON: four times what attributes may take, since changes that meet may go beyond that together. Whatever is
 * longer was not written by Leasehold.
 */
export const recordBytesMax = 4 * 1024 * 1024;

/**
 * Gzip for its checksum, its magic number, and because every tool can read it; at its fastest, which is as good as any with JSON.
 * @throws when the session is larger than any that could be read back.
 */
export function encodeRecord(session: Session): EncodedRecord {
	const record = encoded(session);
	if (record === undefined) throw new RangeError(`the record of ${session.id} is larger than ${recordBytesMax} bytes`);
	return record;
}

/** Whether the record of `session`, encoded, takes at most `bytesMax`. */
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

/** A record is never changed in place, so it is encoded once, however often a write of it has to be tried. */
const records = new WeakMap<Session, EncodedRecord>();

/** @throws when the record is not a session that this version of Leasehold can read, or is damaged, or grows beyond bounds. */
export function decodeRecord(record: EncodedRecord): Session {
	return v.parse(recordSchema, jsonOf(record));
}

/** What is in a record, whoever wrote it. @throws when that is not JSON, or is damaged, or grows beyond bounds. */
export function jsonOf(record: EncodedRecord): unknown {
	return JSON.parse(typeof record === 'string' ? record : textOf(record));
}

const openingBrace = 0x7b;

function textOf(bytes: Uint8Array): string {
	const json = bytes[0] === openingBrace ? bytes : gunzipSync(bytes, { maxOutputLength: recordBytesMax });
	return new TextDecoder('utf-8', { fatal: true }).decode(json);
}

/**
 * Seconds of the Unix epoch after which a record may be collected: its age limit and a day. A tombstone stays as long,
 * or a copy of the session that was lost sight of could come back to life (I1).
 */
export function collectableAtSeconds(session: Session): number {
	return Math.ceil(session.absoluteExpiresAtMs / 1000) + 86_400;
}
