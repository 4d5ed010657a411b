import { describe, expect, test } from 'vitest';
import { keyringFreshMs, parseKeyring, signingAgeMaxMs } from '../../../../functions/access/keyring.ts';
import { signed } from '../../../../functions/access/signature.ts';
import { issueToken } from '../../../../functions/access/token.ts';
import { instanceIdOf } from '../../../../functions/session/ids.ts';
import { acceptingUnsigned, createTokenKeys } from '../../../../functions/session-server/identity/token-keys.ts';
import { exampleSession } from '../../../support/example-session.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const entry = (id: string) => ({ id, secret: Buffer.alloc(32, id).toString('base64') });
const keyringOf = (...ids: string[]) => parseKeyring(JSON.stringify(ids.map(entry)));
const tokenBy = (...ids: string[]) =>
	issueToken(keyringOf(...ids), Buffer.alloc(16, 1), Buffer.alloc(16, 2), instanceIdOf(Buffer.alloc(12, 3)), 0).text;

/** Token keys that are read from a secret, which tests can change or make unavailable. */
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
	const verifies = (...ids: string[]) => keys.verify(signed(keyringOf(...ids), exampleSession()));
	return { clock, secret, keys, lines, signer, reads, verifies };
}

describe('the token keyring', () => {
	test('is read once for all requests that need it at the same time', async () => {
		const { secret, signer, reads } = setUp('k001');
		expect(await Promise.all([signer(), signer(), reads(tokenBy('k001'))])).toEqual(['k001', 'k001', 'read']);
		expect(secret.looks).toBe(1);
	});

	test('is not read again while it is fresh, even for a forged or malformed token', async () => {
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

	test('is read in the background before it is stale, so no login waits', async () => {
		const { clock, secret, signer } = setUp('k001');
		await signer();
		secret.ids = ['k002', 'k001'];
		clock.advance(keyringFreshMs / 2);
		expect(await signer()).toBe('k001');
		await new Promise((resolve) => setTimeout(resolve, 5));
		expect(await signer()).toBe('k002');
		expect(secret.looks).toBe(2);
	});

	test('is read before it signs if it is stale', async () => {
		const { clock, secret, signer } = setUp('k001');
		await signer();
		secret.ids = ['k002', 'k001'];
		clock.advance(keyringFreshMs);
		expect(await signer()).toBe('k002');
	});

	test('is read before it verifies if it is stale, so tokens of a removed key are refused', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = ['k002'];
		clock.advance(keyringFreshMs);
		expect(await reads(tokenBy('k001'))).toBe('malformed');
	});

	test('verifies the signatures of sessions like tokens: an unknown key is looked for, and forged if nobody has it', async () => {
		const { clock, secret, keys, verifies } = setUp('k001');
		expect(await verifies('k001')).toBe('genuine');
		secret.ids = ['k002', 'k001'];
		clock.advance(10_000);
		expect([await verifies('k002'), await verifies('k001'), await verifies('k003')]).toEqual([
			'genuine',
			'genuine',
			'forged',
		]);
		const session = signed(keyringOf('k001'), exampleSession());
		expect(await keys.verify({ ...session, subject: 'issuer:root' })).toBe('forged');
		expect(await keys.verify(exampleSession())).toBe('forged');
	});

	test('accepts a session without a signature until the time that is set, and none with a wrong one', async () => {
		const { clock, keys } = setUp('k001');
		const lenient = acceptingUnsigned(keys, clock.now().wallMs + 1_000, clock);
		const forged = { ...signed(keyringOf('k001'), exampleSession()), subject: 'issuer:root' };
		expect([await lenient.verify(exampleSession()), await lenient.verify(forged)]).toEqual(['genuine', 'forged']);
		clock.advance(1_000);
		expect(await lenient.verify(exampleSession())).toBe('forged');
	});

	test('says that a session may be genuine if its key may be a newer one', async () => {
		const { clock, secret, verifies } = setUp('k001');
		expect(await verifies('k001')).toBe('genuine');
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		expect([await verifies('k002'), await verifies('k001')]).toEqual(['unavailable', 'genuine']);
	});

	test('is read at once for a token with an unknown key', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = ['k001', 'k002'];
		clock.advance(10_000);
		expect(await reads(tokenBy('k002'))).toBe('read');
	});

	test('is not read for every token with a made-up key', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		clock.advance(10_000);
		for (let i = 0; i < 50; i++) expect(await reads(tokenBy(`x${100 + i}`))).toBe('malformed');
		expect(secret.looks).toBe(2);
	});

	test('is still used while it cannot be read: always to verify, and for a day to sign', async () => {
		const { clock, secret, signer, reads, lines } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(signingAgeMaxMs - 1);
		expect([await signer(), await reads(tokenBy('k001'))]).toEqual(['k001', 'read']);
		clock.advance(1);
		expect([await signer(), await reads(tokenBy('k001'))]).toEqual(['unavailable', 'read']);
		expect(lines).toContain('the token keyring could not be read {"reason":"down"}');
	});

	test('delays only the first request while it cannot be read', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		await signer();
		clock.advance(10_000);
		expect(await reads(tokenBy('k001'))).toBe('read');
		expect([secret.looks, secret.answered]).toEqual([3, 2]);
	});

	test('delays requests again when it is stale after a failure and a success', async () => {
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

	test('makes a token unavailable, and not malformed, if its key may be newer than the keyring', async () => {
		const { clock, secret, signer, reads } = setUp('k001');
		await signer();
		secret.ids = 'down';
		clock.advance(keyringFreshMs);
		expect(await reads(tokenBy('k002'))).toBe('unavailable');
	});

	test('is read again by later requests, but not by each, if it was never read successfully', async () => {
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
