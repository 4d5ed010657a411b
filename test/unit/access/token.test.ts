import { createHmac, hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeyring } from '../../../functions/access/keyring.ts';
import { issueToken, readToken, tokenDigest, tokenLength } from '../../../functions/access/token.ts';
import { instanceIdOf, sessionIdOf } from '../../../functions/session/ids.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const secretOf = (fill: number) => Buffer.alloc(32, fill);
const entry = (id: string, fill: number) => ({ id, secret: secretOf(fill).toString('base64') });
const keyringOf = (...entries: { id: string; secret: string }[]) => parseKeyring(JSON.stringify(entries));
const keyring = keyringOf(entry('k001', 1));

const limitMs = Date.UTC(2026, 10, 26, 20, 30);
const exampleToken = issueToken(
	keyring,
	Buffer.alloc(16, 7),
	Buffer.alloc(16, 8),
	instanceIdOf(Buffer.alloc(12, 9)),
	limitMs,
);

/** A token with the given beginning and a valid MAC. Version 1 has no age limit. */
function forge(version: number, keyId: string, macKey: Buffer, restBytes = version === 1 ? 44 : 47): string {
	const head = Buffer.concat([Buffer.from([version]), Buffer.from(keyId, 'latin1'), Buffer.alloc(restBytes, 5)]);
	return Buffer.concat([head, createHmac('sha256', macKey).update(head).digest()]).toString('base64url');
}

const tokenOfVersion1 = forge(1, 'k001', secretOf(1));
const bothVersions = [exampleToken.text, tokenOfVersion1];

describe('a token', () => {
	test('is read as it was issued', () => {
		const limits = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2055, 0) });
		fc.assert(
			fc.property(bytes(16), bytes(16), bytes(12), limits, (sessionId, secret, owner, limit) => {
				const { text, token } = issueToken(keyring, sessionId, secret, instanceIdOf(owner), limit);
				expect(text).toHaveLength(tokenLength);
				expect(readToken(keyring, text)).toEqual(token);
				expect(token).toEqual({
					sessionId: sessionIdOf(sessionId),
					secretHash: hash('sha256', secret, 'base64url'),
					ownerHint: instanceIdOf(owner),
					overAtMs: Math.ceil(limit / 60_000) * 60_000,
				});
			}),
		);
	});

	test.each([
		['before 2024', Date.UTC(2023, 11, 31), Date.UTC(2024, 0)],
		['after three bytes of minutes', Date.UTC(2056, 0), Number.POSITIVE_INFINITY],
		['that never comes', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
	])('never says that a session is over before its age limit, even a limit %s', (_when, limit, overAtMs) => {
		const { token } = issueToken(keyring, Buffer.alloc(16), Buffer.alloc(16), instanceIdOf(Buffer.alloc(12)), limit);
		expect(token.overAtMs).toBe(overAtMs);
	});

	test('of version 1 is still read, and has no age limit', () => {
		expect(tokenOfVersion1).toHaveLength(108);
		expect(readToken(keyring, tokenOfVersion1)).toEqual({
			sessionId: sessionIdOf(Buffer.alloc(16, 5)),
			secretHash: hash('sha256', Buffer.alloc(16, 5), 'base64url'),
			ownerHint: instanceIdOf(Buffer.alloc(12, 5)),
			overAtMs: Number.POSITIVE_INFINITY,
		});
	});

	test('of one version with the length of the other is malformed, even with a valid MAC', () => {
		expect(readToken(keyring, forge(1, 'k001', secretOf(1), 47))).toBe('malformed');
		expect(readToken(keyring, forge(2, 'k001', secretOf(1), 44))).toBe('malformed');
	});

	test('does not contain the hash of its secret', () => {
		expect(exampleToken.text).not.toContain(exampleToken.token.secretHash);
	});

	test.each(bothVersions)('with any one character changed is malformed: %s', (issued) => {
		let changed = 0;
		for (let index = 0; index < issued.length; index++)
			for (const character of `${base64url}+/=. \n\u0000é`) {
				if (character === issued[index]) continue;
				const text = issued.slice(0, index) + character + issued.slice(index + 1);
				if (readToken(keyring, text) !== 'malformed') throw new Error(`accepted: ${text}`);
				changed++;
			}
		expect(changed).toBe(issued.length * (64 + 8 - 1));
	});

	test.each(bothVersions)('truncated or extended anywhere is malformed: %s', (issued) => {
		for (let length = 0; length < issued.length; length++) {
			expect(readToken(keyring, issued.slice(0, length))).toBe('malformed');
			expect(readToken(keyring, issued.slice(length + 1))).toBe('malformed');
		}
		for (const more of ['A', '=', '====', '\n', ' ', '\u0000', 'AAAA', issued]) {
			expect(readToken(keyring, issued + more)).toBe('malformed');
			expect(readToken(keyring, more + issued)).toBe('malformed');
		}
	});

	test('of arbitrary characters is malformed', () => {
		const texts = fc.oneof(
			fc.string({ maxLength: 200 }),
			fc.string({ unit: 'binary', minLength: tokenLength, maxLength: tokenLength }),
			fc.stringMatching(/^[A-Za-z0-9_-]{108}$/),
			fc.stringMatching(/^[A-Za-z0-9_-]{112}$/),
		);
		fc.assert(
			fc.property(texts, (text) => {
				expect(readToken(keyring, text)).toBe('malformed');
			}),
		);
	});

	test('has exactly one text: any other text that decodes to the same bytes is malformed', () => {
		const { text } = exampleToken;
		const decoded = Buffer.from(text, 'base64url');
		const others = [
			decoded.toString('base64'),
			decoded.toString('hex'),
			`${text}=`,
			`${text} `,
			`${text.slice(0, 54)}\n${text.slice(54)}`,
			text.replaceAll('-', '+').replaceAll('_', '/'),
		].filter((other) => other !== text);
		for (const other of others) expect(readToken(keyring, other)).toBe('malformed');
		expect(decoded.toString('base64url')).toBe(text);
		expect(others.length).toBeGreaterThan(3);
	});

	test('of another version is malformed, even with a valid MAC', () => {
		for (const version of [1, 2]) expect(readToken(keyring, forge(version, 'k001', secretOf(1)))).not.toBe('malformed');
		for (const version of [0, 3, 128, 255])
			for (const restBytes of [44, 47])
				expect(readToken(keyring, forge(version, 'k001', secretOf(1), restBytes))).toBe('malformed');
	});

	test('that names a known key but was signed with another one is malformed', () => {
		expect(readToken(keyring, forge(2, 'k001', secretOf(2)))).toBe('malformed');
	});

	test('that names an unknown key is malformed', () => {
		expect(readToken(keyring, forge(2, 'k002', secretOf(1)))).toBe('malformed');
	});

	test('has another digest if a single character differs', () => {
		const { text } = exampleToken;
		const other = `${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`;
		expect(tokenDigest(text)).toBe(hash('sha256', text, 'base64url'));
		expect(tokenDigest(other)).not.toBe(tokenDigest(text));
	});
});

describe('a rotation of the keyring', () => {
	const rotated = keyringOf(entry('k002', 2), entry('k001', 1));

	test('keeps tokens of the previous key valid', () => {
		expect(readToken(rotated, exampleToken.text)).toEqual(exampleToken.token);
	});

	test('signs new tokens with the first key', () => {
		const { text } = issueToken(rotated, Buffer.alloc(16), Buffer.alloc(16), instanceIdOf(Buffer.alloc(12)), limitMs);
		expect(readToken(keyringOf(entry('k002', 2)), text)).not.toBe('malformed');
		expect(readToken(keyring, text)).toBe('malformed');
	});

	test('makes tokens malformed once their key is removed', () => {
		expect(readToken(keyringOf(entry('k002', 2)), exampleToken.text)).toBe('malformed');
	});

	test('to another secret under the same id makes earlier tokens malformed', () => {
		expect(readToken(keyringOf(entry('k001', 2)), exampleToken.text)).toBe('malformed');
	});
});
