import { describe, expect, test } from 'vitest';
import { keyringFreshMs, parseKeyring, signingAgeMaxMs } from '../../../../functions/access/keyring.ts';
import { issueToken } from '../../../../functions/access/token.ts';
import { instanceIdOf } from '../../../../functions/session/ids.ts';
import { createTokenKeys } from '../../../../functions/session-server/identity/token-keys.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const entry = (id: string) => ({ id, secret: Buffer.alloc(32, id).toString('base64') });
const keyringOf = (...ids: string[]) => parseKeyring(JSON.stringify(ids.map(entry)));
const tokenBy = (...ids: string[]) =>
	issueToken(keyringOf(...ids), Buffer.alloc(16, 1), Buffer.alloc(16, 2), instanceIdOf(Buffer.alloc(12, 3))).text;

/** Token keys over a secret that tests change, or take away. */
function setUp(...ids: string[]) {
	const clock = createSettableClock();
	const secret: { ids: string[] | 'down'; looks: number; answered: number } = {
		ids,
		looks: 0,
		answered: 0,
	};
	const lines: string[] = [];
	const keys = createTokenKeys(
		async () => {
			secret.looks++;
			await new Promise(setImmediate);
			secret.answered++;
			if (secret.ids === 'down') return { kind: 'unavailable', reason: 'down' };
			return { kind: 'read', keyring: keyringOf(...secret.ids) };
		},
		clock,
		(_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
	);
	const signer = async () => {
		const keyring = await keys.forSigning();
		return keyring === 'unavailable' ? keyring : keyring.current.id;
	};
	const reads = async (text: string) => {
		const token = await keys.read(text);
		return typeof token === 'string' ? token : 'read';
	};
	return { clock, secret, keys, lines, signer, reads };
}

describe('the keys of tokens', () => {
	test('are looked up once, whoever needs them at the same time', async () => {
		const { secret, signer, reads } = setUp('k001');
		expect(await Promise.all([signer(), signer(), reads(tokenBy('k001'))])).toEqual(['k001', 'k001', 'read']);
		expect(secret.looks).toBe(1);
	});

	test('that are fresh answer without a look, and a token that is forged or none costs none', async () => {
		const { secret, signer, reads } = setUp('k001');
		await signer();
		const forged = `${tokenBy('k001').slice(0, -1)}-`;
		expect([await reads(tokenBy('k001')), await reads(forged), await reads('x')]).toEqual([
			'read',
			'malformed',
			'malformed',
		]);
		expect(secret.looks).toBe(1);
	});

	test('are looked up in the background before they are stale, so that no login waits', async () => {
		const { clock, secret, signer } = setUp('k001');
		await signer();
		secret.ids = ['k002', 'k001'];
		clock.advance(keyringFreshMs / 2);
		expect(await signer()).toBe('k001');
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(await signer()).toBe('k002');
		expect(secret.looks).toBe(2);
	});

	test('that are stale are looked up before they sign', async () => {
		const { clock, secret, signer } = setUp('k001');
		await signer();
		secret.ids = ['k002', 'k001'];
		clock.advance(keyringFreshMs);
		expect(await signer()).toBe('k002');
	});

	test('that are stale are looked up before they verify, so that a key which was removed is worth nothing', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = ['k002'];
		clock.advance(keyringFreshMs);
		expect(await reads(tokenBy('k001'))).toBe('malformed');
	});

	test('are looked up at once for a token of a key that is not known yet', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = ['k001', 'k002'];
		clock.advance(10_000);
		expect(await reads(tokenBy('k002'))).toBe('read');
	});

	test('are not looked up by every token of a made-up key', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		clock.advance(10_000);
		for (let i = 0; i < 50; i++) expect(await reads(tokenBy(`x${100 + i}`))).toBe('malformed');
		expect(secret.looks).toBe(2);
	});

	test('go on counting when they cannot be looked up, for reading and, for a day, for signing', async () => {
		const { clock, secret, signer, reads, lines } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(signingAgeMaxMs - 1);
		expect([await signer(), await reads(tokenBy('k001'))]).toEqual(['k001', 'read']);
		clock.advance(1);
		expect([await signer(), await reads(tokenBy('k001'))]).toEqual(['unavailable', 'read']);
		expect(lines).toContain('the token keyring could not be read {"reason":"down"}');
	});

	test('cost no request a wait while looks fail, but for the first', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		await signer();
		clock.advance(10_000);
		expect(await reads(tokenBy('k001'))).toBe('read');
		expect([secret.looks, secret.answered]).toEqual([3, 2]);
	});

	test('are waited for again when they are stale, once a look has succeeded after one that failed', async () => {
		const { clock, secret, signer } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		await signer();
		secret.ids = ['k001'];
		clock.advance(10_000);
		await signer();
		await new Promise((resolve) => setTimeout(resolve, 5));
		secret.ids = ['k002', 'k001'];
		clock.advance(keyringFreshMs);
		expect(await signer()).toBe('k002');
	});

	test('say of a token by a key that may be newer that they do not know, not that it is forged', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		expect(await reads(tokenBy('k002'))).toBe('unavailable');
	});

	test('that were never to be had are looked up again with a later request, and not with each', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		secret.ids = 'down';
		expect([await signer(), await signer(), await reads(tokenBy('k001'))]).toEqual(
			Array.from({ length: 3 }, () => 'unavailable'),
		);
		expect(await reads('no token')).toBe('malformed');
		expect(secret.looks).toBe(1);
		secret.ids = ['k001'];
		clock.advance(1_000);
		expect([await signer(), await reads(tokenBy('k001'))]).toEqual(['k001', 'read']);
	});
});
