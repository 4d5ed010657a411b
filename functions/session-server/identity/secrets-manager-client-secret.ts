import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ReadSecret } from './client-secret.ts';

/**
 * Reads the current version of a secret: its text, or `clientSecret` if it is JSON.
 *
 * @param createClient called with the first read, because most deployments have no such secret
 */
export function createSecretsManagerReader(createClient: () => SecretsManagerClient): ReadSecret {
	let client: SecretsManagerClient | undefined;
	return async (secretArn) => {
		client ??= createClient();
		try {
			const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretArn }));
			const text = clientSecretIn(SecretString);
			if (text === undefined) return { kind: 'unavailable', reason: 'the secret has no clientSecret' };
			return { kind: 'read', text };
		} catch (error) {
			return { kind: 'unavailable', reason: error instanceof Error ? `${error.name}: ${error.message}` : 'unknown' };
		}
	};
}

function clientSecretIn(text: string): string | undefined {
	if (!text.trimStart().startsWith('{')) return text.trim() || undefined;
	const { clientSecret } = parsed(text);
	return typeof clientSecret === 'string' && clientSecret !== '' ? clientSecret : undefined;
}

/** Without the error of JSON, which quotes the text. */
function parsed(text: string): { readonly clientSecret?: unknown } {
	try {
		return JSON.parse(text) as { readonly clientSecret?: unknown };
	} catch {
		return {};
	}
}
