import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeRecord, encodeRecord, isEncodedWithin, recordBytesMax } from '../../../functions/repositories/record.ts';
import { attributeBytesMax } from '../../../functions/session/changes.ts';
import type { Session } from '../../../functions/session/session.ts';
import { exampleSession, exampleStamp } from '../../support/example-session.ts';
import { largeAttributes } from '../../support/large-attributes.ts';

const withText = (characters: number) =>
	exampleSession({ attributes: { note: { stamp: exampleStamp(1), value: 'dark blue '.repeat(characters / 10) } } });
const large = exampleSession({ attributes: largeAttributes(attributeBytesMax, exampleStamp(1)) });

function bytesOf(session: Session): Uint8Array {
	const record = encodeRecord(session);
	if (typeof record === 'string') throw new Error('the record is text');
	return record;
}

test('a short record is plain JSON', () => {
	expect(encodeRecord(withText(100))).toBe(JSON.stringify(withText(100)));
});

test('a long record is compressed, and decompressed when it is read', () => {
	expect(bytesOf(withText(4_000)).length).toBeLessThan(600);
	for (const session of [withText(4_000), large]) expect(decodeRecord(bytesOf(session))).toEqual(session);
});

test('JSON is read from bytes and from text', () => {
	const session = withText(4_000);
	expect(decodeRecord(Buffer.from(JSON.stringify(session)))).toEqual(session);
});

test('a record that is damaged or cut off anywhere is never read as another record', () => {
	const session = withText(4_000);
	const intact = bytesOf(session);
	for (let index = 0; index < intact.length; index++) {
		const damaged = Uint8Array.from(intact);
		damaged[index] = (damaged[index] ?? 0) ^ 0x10;
		// A few bits do not belong to the record: the time in the header, and the end of the last
		// byte.
		expect(readOr(session, damaged), `byte ${index}`).toEqual(session);
		expect(() => decodeRecord(intact.subarray(0, index)), `cut off at ${index}`).toThrow();
	}
});

test('a record that grows beyond the limit is not decompressed to its end', () => {
	const bomb = gzipSync(JSON.stringify({ ...withText(100), padding: ' '.repeat(recordBytesMax) }));
	expect(bomb.length).toBeLessThan(recordBytesMax / 100);
	expect(() => decodeRecord(bomb)).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }));
});

test('a record that is too large to be read is not written', () => {
	const beyond = exampleSession({ attributes: largeAttributes(recordBytesMax, exampleStamp(1)) });
	expect(() => encodeRecord(beyond)).toThrow(RangeError);
	expect(isEncodedWithin(beyond, Number.POSITIVE_INFINITY)).toBe(false);
});

function readOr(otherwise: Session, record: Uint8Array): Session {
	try {
		return decodeRecord(record);
	} catch {
		return otherwise;
	}
}
