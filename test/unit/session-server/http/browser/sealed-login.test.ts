import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeyring } from '../../../../../functions/access/keyring.ts';
import { open, type PendingLogin, seal } from '../../../../../functions/session-server/http/browser/sealed-login.ts';
import { systemRandomBytes } from '../../../../../functions/system/random.ts';

const keyOf = (id: string, byte: number) => ({ id, secret: Buffer.alloc(32, byte).toString('base64') });
const ringOf = (...keys: object[]) => parseKeyring(JSON.stringify(keys));
const [first, second] = [keyOf('k001', 1), keyOf('k002', 2)];
const ring = ringOf(first);
const name = '__Host-Http-login-abc';
const beganAtMs = 1_000_000;

const pending: PendingLogin = {
	state: 's',
	nonce: 'n',
	codeVerifier: 'v',
	issuer: 'people',
	issuerUrl: 'https://issuer.example',
	returnTo: 'https://api.example/',
	begunAtMs: beganAtMs,
	maxAgeSeconds: 60,
	acrValues: 'urn:x:aal2',
	persistent: true,
};
const sealed = seal(ring, name, pending, systemRandomBytes);

describe('a sealed login', () => {
	test('opens to what it was made of, until ten minutes are over', () => {
		expect(open(ring, name, sealed, beganAtMs)).toEqual(pending);
		expect(open(ring, name, sealed, beganAtMs + 599_999)).toEqual(pending);
		expect(open(ring, name, sealed, beganAtMs + 600_000)).toBeUndefined();
	});

	test('opens with a next or a previous key, and not without the key that sealed it', () => {
		expect(open(ringOf(second, first), name, sealed, beganAtMs)).toEqual(pending);
		expect(open(ringOf(second), name, sealed, beganAtMs)).toBeUndefined();
		expect(open(ringOf(keyOf('k001', 2)), name, sealed, beganAtMs)).toBeUndefined();
	});

	test('does not open under another name', () => {
		expect(open(ring, `${name}d`, sealed, beganAtMs)).toBeUndefined();
	});

	test('shows nothing, and is another text each time', () => {
		expect(Buffer.from(sealed.slice(5), 'base64url').toString('latin1')).not.toMatch(/people|issuer/);
		expect(seal(ring, name, pending, systemRandomBytes)).not.toBe(sealed);
	});

	test('does not open if any of its bytes was changed', () => {
		const bytes = Buffer.from(sealed.slice(5), 'base64url');
		for (let index = 0; index < bytes.length; index++) {
			const changed = Buffer.from(bytes);
			changed[index] = (changed[index] ?? 0) ^ 1;
			expect(open(ring, name, `k001.${changed.toString('base64url')}`, beganAtMs)).toBeUndefined();
		}
	});

	test('any other text opens to nothing', () => {
		const texts = fc.oneof(
			fc.string(),
			fc.nat(sealed.length - 1).map((length) => sealed.slice(0, length)),
			fc.base64String().map((text) => `k001.${text}`),
		);
		fc.assert(
			fc.property(texts, (text) => {
				expect(open(ring, name, text, beganAtMs)).toBeUndefined();
			}),
		);
	});

	test('with the longest return_to and issuer fits into a cookie', () => {
		const longest = { ...pending, returnTo: 'x'.repeat(1_100), issuerUrl: 'y'.repeat(300), acrValues: 'z'.repeat(256) };
		expect(seal(ring, name, longest, systemRandomBytes).length).toBeLessThan(3_000);
	});
});
