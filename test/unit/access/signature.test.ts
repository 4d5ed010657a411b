import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Keyring, parseKeyring } from '../../../functions/access/keyring.ts';
import { isGenuine, signed } from '../../../functions/access/signature.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { Credential, Session } from '../../../functions/session/session.ts';
import { contradict, fingerprintOf, signedTextOf } from '../../../functions/session/signed-part.ts';
import { stubOf } from '../../../functions/session/stub.ts';
import { arbitraryRecord } from '../../support/arbitrary-session.ts';
import {
	exampleInstanceId,
	exampleSecretHash,
	exampleSession,
	exampleSessionId,
	exampleStamp,
	exampleStartMs,
} from '../../support/example-session.ts';

const secretOf = (id: string) => Buffer.alloc(32, id);
const keyringOf = (...ids: string[]): Keyring =>
	parseKeyring(JSON.stringify(ids.map((id) => ({ id, secret: secretOf(id).toString('base64') }))));
const keyring = keyringOf('k001');
const session = signed(
	keyring,
	exampleSession({
		credential: {
			...exampleSession().credential,
			previousSecretHash: exampleSecretHash('p'),
			graceUntilMs: exampleStartMs + 5,
			assuranceLevel: 2,
			scopes: ['read', 'write'],
		},
	}),
);
const withCredential = (differing: Partial<Credential>): Session => ({
	...session,
	credential: { ...session.credential, ...differing },
});
const without = (name: keyof Credential): Session => {
	const { [name]: _, ...credential } = session.credential;
	return { ...session, credential: credential as Credential };
};

/** Every field that identity and assurance rest on, changed. */
const forgeries: Readonly<Record<string, Session>> = {
	id: { ...session, id: exampleSessionId(9) },
	subject: { ...session, subject: 'issuer:root' },
	createdAtMs: { ...session, createdAtMs: session.createdAtMs + 1 },
	absoluteExpiresAtMs: { ...session, absoluteExpiresAtMs: session.absoluteExpiresAtMs + 1 },
	idleTimeoutMs: { ...session, idleTimeoutMs: session.idleTimeoutMs + 1 },
	generation: withCredential({ generation: 2 }),
	secretHash: withCredential({ secretHash: exampleSecretHash('x') }),
	previousSecretHash: withCredential({ previousSecretHash: exampleSecretHash('x') }),
	'previousSecretHash, removed': without('previousSecretHash'),
	graceUntilMs: withCredential({ graceUntilMs: exampleStartMs + 6 }),
	'graceUntilMs, removed': without('graceUntilMs'),
	assuranceLevel: withCredential({ assuranceLevel: 3 }),
	authenticatedAtMs: withCredential({ authenticatedAtMs: exampleStartMs + 1 }),
	authenticationTimeUnknown: withCredential({ authenticationTimeUnknown: true }),
	'scopes, one more': withCredential({ scopes: ['read', 'write', 'admin'] }),
	'scopes, joined': withCredential({ scopes: ['read,write'] }),
	'signature, removed': without('signature'),
	'signature, of another session': withCredential(
		signed(keyring, exampleSession({ id: exampleSessionId(2) })).credential,
	),
	'signature, empty': withCredential({ signature: '' }),
	'signature, with an unknown key': withCredential({ signature: `k002${session.credential.signature?.slice(4)}` }),
};

describe('a signature', () => {
	test('is genuine for the session that it was made for', () => {
		expect(isGenuine(keyring, session)).toBe(true);
		expect(session.credential.signature).toMatch(/^k001\.[A-Za-z0-9_-]{43}$/);
	});

	test.each(Object.entries(forgeries))('is not genuine with another value of %s', (_field, forgery) => {
		expect(isGenuine(keyring, forgery)).toBe(false);
		expect(contradict(session, forgery)).toBe(true);
		expect(fingerprintOf(forgery)).not.toBe(fingerprintOf(session));
	});

	test('covers every field of a credential', () => {
		const covered = Object.keys(forgeries).map((name) => name.split(',')[0]);
		const fields = [...Object.keys(session.credential), 'authenticationTimeUnknown'];
		expect(covered).toEqual(expect.arrayContaining(fields));
	});

	test('has one text: another spelling of the same bytes is not genuine', () => {
		const { signature = '' } = session.credential;
		const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
		const last = alphabet.indexOf(signature.slice(-1));
		const respelled = signature.slice(0, -1) + alphabet[last ^ 1];
		expect(Buffer.from(respelled.slice(5), 'base64url')).toEqual(Buffer.from(signature.slice(5), 'base64url'));
		expect(isGenuine(keyring, withCredential({ signature: respelled }))).toBe(false);
	});

	test('does not cover what changes without a login', () => {
		const changed: Session = {
			...session,
			lastSeenAtMs: session.lastSeenAtMs + 1,
			owner: { epoch: 7, instanceId: exampleInstanceId(7) },
			attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } },
		};
		expect(isGenuine(keyring, changed)).toBe(true);
		expect(isGenuine(keyring, stubOf(changed))).toBe(true);
		expect(isGenuine(keyring, { ...changed, attributes: {}, revocation: { atMs: 1, reason: 'logout' } })).toBe(true);
	});

	test('stays genuine while its key is a previous one, and not after its key was removed', () => {
		expect(isGenuine(keyringOf('k002', 'k001'), session)).toBe(true);
		expect(isGenuine(keyringOf('k002'), session)).toBe(false);
	});

	test('cannot be made with the key that signs tokens', () => {
		const mac = createHmac('sha256', secretOf('k001')).update(signedTextOf(session)).digest('base64url');
		expect(isGenuine(keyring, withCredential({ signature: `k001.${mac}` }))).toBe(false);
	});
});

test('the merge of genuine records is genuine', () => {
	// The fields outside the credential never change after a login.
	const genuine = arbitraryRecord.map((record) => {
		const { absoluteExpiresAtMs, idleTimeoutMs } = exampleSession();
		return signed(keyring, { ...record, absoluteExpiresAtMs, idleTimeoutMs });
	});
	fc.assert(
		fc.property(fc.array(genuine, { minLength: 2, maxLength: 5 }), ([first, ...others]) => {
			if (first === undefined) return;
			expect(isGenuine(keyring, others.reduce(merge, first))).toBe(true);
		}),
	);
});
