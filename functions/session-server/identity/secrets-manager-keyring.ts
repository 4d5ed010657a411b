import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { parseKeyring } from '../../access/keyring.ts';
import type { LookUpKeyring } from './token-keys.ts';

/** The token keyring as the current version of a secret. */
export function createSecretsManagerKeyring(client: SecretsManagerClient, secretId: string): LookUpKeyring {
	return async () => {
		try {
			const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
			return parseKeyring(SecretString ?? '');
		} catch (error) {
			// A secret that is no keyring is as good as none: neither ends the instance, and neither shows in the message.
			return { unavailable: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' };
		}
	};
}
