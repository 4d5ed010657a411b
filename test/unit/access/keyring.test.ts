import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeKeyEntries, parseKeyEntries, parseKeyring } from '../../../functions/access/keyring.ts';

const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==';
const short = 'c2hvcnQtc2VjcmV0LW9mLTI2LWJ5dGVzIQ==';
const key = { id: 'k001', secret };

function errorOf(text: string): string {
	try {
		parseKeyring(text);
	} catch (error) {
		return error instanceof Error ? `${error.message} ${error.stack} ${String(error.cause)}` : String(error);
	}
	throw new Error('the keyring was accepted');
}

describe('a keyring', () => {
	test('signs with its first key and has all keys by id', () => {
		const keyring = parseKeyring(JSON.stringify([key, { id: 'k000', secret }]));
		expect(keyring.current.id).toBe('k001');
		expect([...keyring.keys.keys()]).toEqual(['k001', 'k000']);
	});

	test('may be a single key, as Secrets Manager generates it', () => {
		expect([...parseKeyring(JSON.stringify(key)).keys.keys()]).toEqual(['k001']);
	});

	test('survives encoding and parsing', () => {
		const entries = parseKeyEntries(
			JSON.stringify([key, { id: 'k000', secret, role: 'previous', sinceMs: 5 }, { id: 'k002', secret, role: 'next' }]),
		);
		expect(parseKeyEntries(encodeKeyEntries(entries))).toEqual(entries);
		expect(entries.map(({ role }) => role)).toEqual(['current', 'previous', 'next']);
	});

	test('keeps what a later version has stored in its keys', () => {
		const later = [{ ...key, role: 'current', use: 'seal' }];
		expect(JSON.parse(encodeKeyEntries(parseKeyEntries(JSON.stringify(later))))).toEqual(later);
	});

	test.each([
		['that is not JSON', `[{"id":"k001","secret":"${secret}"`, 'is not JSON'],
		['that is not a list', JSON.stringify({ keys: [key] }), 'JSON array of 1 to 4 keys'],
		['without a key', '[]', 'JSON array of 1 to 4 keys'],
		['of five keys', JSON.stringify(Array.from({ length: 5 }, (_, i) => ({ id: `k00${i}`, secret }))), '1 to 4 keys'],
		['with two keys of one id', JSON.stringify([key, key]), 'have the same id'],
		['with a key that is null', '[null]', 'key 0 of the token keyring needs an id'],
		['with a key that is text', JSON.stringify([secret]), 'key 0 of the token keyring needs an id'],
		['with an id of five characters', JSON.stringify([key, { id: 'k0002', secret }]), 'key 1 of the token keyring'],
		['with an id outside base64url', JSON.stringify([{ id: 'k.01', secret }]), 'key 0 of the token keyring'],
		['without a secret', JSON.stringify([{ id: 'k001' }]), 'key k001 of the token keyring needs a secret'],
		['with a short secret', JSON.stringify([{ id: 'k001', secret: short }]), 'at least 32 bytes'],
		[
			'with a key whose role is made up',
			JSON.stringify([key, { id: 'k002', secret, role: 'old' }]),
			'next or previous',
		],
		['with a first key that does not sign', JSON.stringify([{ ...key, role: 'next' }]), 'the first key is current'],
		[
			'with a second current key',
			JSON.stringify([key, { id: 'k002', secret, role: 'current' }]),
			'first key is current',
		],
		['with a time that is not a number', JSON.stringify([{ ...key, sinceMs: '1' }]), 'sinceMs must be milliseconds'],
		['with secret and id swapped', JSON.stringify([{ id: secret, secret: 'k001' }]), 'key 0 of the token keyring'],
	])('%s is refused, and no secret is in the error', (_what, text, message) => {
		const error = errorOf(text);
		expect(error).toContain(message);
		expect(error).not.toContain(secret.slice(0, 8));
		expect(error).not.toContain(short.slice(0, 8));
	});

	test('that is cut off or damaged never has its secret in the error', () => {
		const text = JSON.stringify([key]);
		fc.assert(
			fc.property(fc.nat(text.length - 1), fc.constantFrom('', '"', '}', '\\', 'é'), (index, inserted) => {
				for (const damaged of [text.slice(0, index), text.slice(0, index) + inserted + text.slice(index)]) {
					try {
						parseKeyring(damaged);
					} catch (error) {
						expect(String(error)).not.toContain(secret.slice(0, 8));
						expect(error).not.toHaveProperty('cause');
					}
				}
			}),
		);
	});
});
