import {
	CreateSecretCommand,
	DeleteSecretCommand,
	DescribeSecretCommand,
	SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { inject } from 'vitest';
import { localAccount } from '../../../local/system/local-account.ts';
import { startSecretsManager } from '../secrets-manager.ts';
import type { EngineAccess } from './engine-access.ts';
import { engineSettings, freshName } from './remote-engine.ts';
import { nobodysEndpoint } from './tested-service.ts';

export interface TestedSecrets {
	readonly client: SecretsManagerClient;
	/** A client of an endpoint at which nobody listens. */
	readonly clientOfNobody: SecretsManagerClient;
	/** A secret whose current version has the text that the test gave. */
	readonly secretId: string;
	/** The key that encrypts the secret, and the one that should. Both are absent without a KMS. */
	encryption(): Promise<{ readonly is?: string | undefined; readonly shouldBe?: string | undefined }>;
	close(): Promise<void>;
}

/** Starts Secrets Manager with one secret. */
export async function startSecrets(text: string): Promise<TestedSecrets> {
	const engine = inject('engine');
	return engine === undefined ? embeddedSecrets(text) : remoteSecrets(engine, text);
}

async function embeddedSecrets(text: string): Promise<TestedSecrets> {
	const secretId = 'secret';
	const { client, close } = await startSecretsManager(secretId, text, Date.now);
	const clientOfNobody = new SecretsManagerClient({ ...localAccount, endpoint: nobodysEndpoint, maxAttempts: 1 });
	return {
		client,
		clientOfNobody,
		secretId,
		encryption: async () => ({}),
		close: async () => {
			for (const each of [client, clientOfNobody]) each.destroy();
			await close();
		},
	};
}

async function remoteSecrets(engine: EngineAccess, text: string): Promise<TestedSecrets> {
	const client = new SecretsManagerClient(engineSettings(engine));
	const clientOfNobody = new SecretsManagerClient({ ...engineSettings(engine), endpoint: nobodysEndpoint });
	const { encryptionKey } = engine;
	const { ARN: secretId } = await client.send(
		new CreateSecretCommand({
			Name: freshName(engine, 'secret'),
			SecretString: text,
			...(encryptionKey === undefined ? {} : { KmsKeyId: encryptionKey }),
		}),
	);
	if (secretId === undefined) throw new Error('the secret was created without an ARN');
	return {
		client,
		clientOfNobody,
		secretId,
		encryption: async () => {
			const { KmsKeyId } = await client.send(new DescribeSecretCommand({ SecretId: secretId }));
			return { is: KmsKeyId, shouldBe: encryptionKey };
		},
		close: async () => {
			await client.send(new DeleteSecretCommand({ SecretId: secretId, ForceDeleteWithoutRecovery: true }));
			for (const each of [client, clientOfNobody]) each.destroy();
		},
	};
}
