import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { EngineAccess } from '../support/engines/engine-access.ts';

/** Creates a key in the engine's KMS, which the engine takes with it when it ends. */
export async function withEncryptionKey({ endpoint, region, credentials, ...access }: EngineAccess) {
	const given = { ...(endpoint && { endpoint }), ...(credentials && { credentials }) };
	const kms = new KMSClient({ region, ...given });
	try {
		const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'Leasehold contract tests' }));
		if (KeyMetadata?.Arn === undefined) throw new Error('the key was created without an ARN');
		return { ...access, endpoint, region, credentials, encryptionKey: KeyMetadata.Arn };
	} finally {
		kms.destroy();
	}
}
