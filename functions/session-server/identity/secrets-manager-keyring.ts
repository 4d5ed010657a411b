import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseKeyring } from '../../access/keyring.ts';
import type { ReadKeyring } from './token-keys.ts';

/** Reads the token keyring from the current version of a secret. */
export function createSecretsManagerKeyring(client: SecretsManagerClient, secretId: string): ReadKeyring {
	return async () => {
		try {
			const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
			return { kind: 'read', keyring: parseKeyring(SecretString ?? '') };
		} catch (error) {
			// A secret that is not a keyring also counts as unavailable. Messages of `parseKeyring` do
			// not show the secret.
			const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
			return { kind: 'unavailable', reason };
		}
	};
}
