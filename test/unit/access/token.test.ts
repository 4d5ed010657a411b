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

const exampleToken = issueToken(keyring, Buffer.alloc(16, 7), Buffer.alloc(16, 8), instanceIdOf(Buffer.alloc(12, 9)));

/** A token with the given beginning and a valid MAC. */
function forge(version: number, keyId: string, macKey: Buffer): string {
	const head = Buffer.concat([Buffer.from([version]), Buffer.from(keyId, 'latin1'), Buffer.alloc(44, 5)]);
	return Buffer.concat([head, createHmac('sha256', macKey).update(head).digest()]).toString('base64url');
}

describe('a token', () => {
	test('is read as it was issued', () => {
		fc.assert(
			fc.property(bytes(16), bytes(16), bytes(12), (sessionId, secret, owner) => {
				const { text, token } = issueToken(keyring, sessionId, secret, instanceIdOf(owner));
				expect(text).toHaveLength(tokenLength);
				expect(readToken(keyring, text)).toEqual(token);
				expect(token).toEqual({
					sessionId: sessionIdOf(sessionId),
					secretHash: hash('sha256', secret, 'base64url'),
					ownerHint: instanceIdOf(owner),
				});
			}),
		);
	});

	test('does not contain the hash of its secret', () => {
		expect(exampleToken.text).not.toContain(exampleToken.token.secretHash);
	});

	test('with any one character changed is malformed', () => {
		let changed = 0;
		for (let index = 0; index < tokenLength; index++)
			for (const character of `${base64url}+/=. \n\u0000é`) {
				if (character === exampleToken.text[index]) continue;
				const text = exampleToken.text.slice(0, index) + character + exampleToken.text.slice(index + 1);
				if (readToken(keyring, text) !== 'malformed') throw new Error(`accepted: ${text}`);
				changed++;
			}
		expect(changed).toBe(tokenLength * (64 + 8 - 1));
	});

	test('truncated or extended anywhere is malformed', () => {
		for (let length = 0; length < tokenLength; length++) {
			expect(readToken(keyring, exampleToken.text.slice(0, length))).toBe('malformed');
			expect(readToken(keyring, exampleToken.text.slice(length + 1))).toBe('malformed');
		}
		for (const more of ['A', '=', '====', '\n', ' ', '\u0000', 'AAAA', exampleToken.text]) {
			expect(readToken(keyring, exampleToken.text + more)).toBe('malformed');
			expect(readToken(keyring, more + exampleToken.text)).toBe('malformed');
		}
	});

	test('of arbitrary characters is malformed', () => {
		const texts = fc.oneof(
			fc.string({ maxLength: 200 }),
			fc.string({ unit: 'binary', minLength: tokenLength, maxLength: tokenLength }),
			fc.stringMatching(/^[A-Za-z0-9_-]{108}$/),
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
		expect(readToken(keyring, forge(1, 'k001', secretOf(1)))).not.toBe('malformed');
		for (const version of [0, 2, 3, 128, 255])
			expect(readToken(keyring, forge(version, 'k001', secretOf(1)))).toBe('malformed');
	});

	test('that names a known key but was signed with another one is malformed', () => {
		expect(readToken(keyring, forge(1, 'k001', secretOf(2)))).toBe('malformed');
	});

	test('that names an unknown key is malformed', () => {
		expect(readToken(keyring, forge(1, 'k002', secretOf(1)))).toBe('malformed');
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
		const { text } = issueToken(rotated, Buffer.alloc(16), Buffer.alloc(16), instanceIdOf(Buffer.alloc(12)));
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
