import {
	GetSecretValueCommand,
	ResourceNotFoundException,
	type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import type { ReadSecrets } from './secret.ts';

/** Reads the current version of a secret, and the previous one if there is one. */
export function createSecretsManagerSecrets(client: SecretsManagerClient, secretId: string): ReadSecrets {
	const version = async (stage: 'AWSCURRENT' | 'AWSPREVIOUS') =>
		(await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage }))).SecretString;
	return async () => {
		try {
			const secrets = await Promise.all([version('AWSCURRENT'), version('AWSPREVIOUS').catch(noVersion)]);
			// An empty secret would let everybody in who sends an empty header.
			return {
				kind: 'read',
				secrets: secrets.filter((secret) => secret !== undefined).filter((secret) => secret !== ''),
			};
		} catch (error) {
			const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
			return { kind: 'unavailable', reason };
		}
	};
}

function noVersion(error: unknown): undefined {
	if (!(error instanceof ResourceNotFoundException)) throw error;
}
