import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, test } from 'vitest';
import { createClientSecret, type SecretRead } from '../../../../functions/session-server/identity/client-secret.ts';
import { createSecretsManagerReader } from '../../../../functions/session-server/identity/secrets-manager-client-secret.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const unavailable = { kind: 'unavailable', reason: 'down' } as const;

function setUp() {
	const clock = createSettableClock();
	let answer: SecretRead = { kind: 'read', text: 'first' };
	let reads = 0;
	const read = async () => {
		reads++;
		return answer;
	};
	const secret = createClientSecret('arn', read, clock, () => undefined);
	return { clock, secret, reads: () => reads, set: (next: SecretRead) => (answer = next) };
}

test('a client secret is read once in five minutes', async () => {
	const { clock, secret, reads } = setUp();
	await secret(false);
	clock.advance(299_999);
	expect([await secret(false), reads()]).toEqual([{ kind: 'read', text: 'first' }, 1]);
	clock.advance(1);
	await secret(false);
	expect(reads()).toBe(2);
});

test('a client secret that the issuer refused is read again, but not twice in ten seconds', async () => {
	const { clock, secret, reads, set } = setUp();
	await secret(false);
	set({ kind: 'read', text: 'second' });
	clock.advance(9_999);
	expect([await secret(true), reads()]).toEqual([{ kind: 'read', text: 'first' }, 1]);
	clock.advance(1);
	expect([await secret(true), reads()]).toEqual([{ kind: 'read', text: 'second' }, 2]);
});

test('a client secret that was read is used while it cannot be read again', async () => {
	const { clock, secret, set } = setUp();
	set(unavailable);
	expect(await secret(false)).toEqual(unavailable);
	set({ kind: 'read', text: 'first' });
	await secret(false);
	set(unavailable);
	clock.advance(600_000);
	expect(await secret(false)).toEqual({ kind: 'read', text: 'first' });
});

test.each<[string, SecretRead]>([
	['s3cret', { kind: 'read', text: 's3cret' }],
	['s3cret\n', { kind: 'read', text: 's3cret' }],
	['{"clientSecret":"s3cret","clientId":"x"}', { kind: 'read', text: 's3cret' }],
	['{"secret":"s3cret"}', { kind: 'unavailable', reason: 'the secret has no clientSecret' }],
	['{"clientSecret":"s3c', { kind: 'unavailable', reason: 'the secret has no clientSecret' }],
	['', { kind: 'unavailable', reason: 'the secret has no clientSecret' }],
])('the text %j in Secrets Manager is read without showing it', async (SecretString, read) => {
	const client = mockClient(SecretsManagerClient);
	client.on(GetSecretValueCommand, { SecretId: 'arn' }).resolves({ SecretString });
	expect(await createSecretsManagerReader(() => new SecretsManagerClient({ region: 'x' }))('arn')).toEqual(read);
	client.restore();
});
