import {
	DescribeSecretCommand,
	GetSecretValueCommand,
	PutSecretValueCommand,
	ResourceExistsException,
	ResourceNotFoundException,
	type SecretsManagerClient,
	UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../system/clock.ts';
import type { SecretVersions } from './secret-versions.ts';

/**
 * The versions of a secret in Secrets Manager.
 *
 * @param rotationToken the token from the rotation function's event, if it has one. It authorizes
 * the write.
 */
export function createSecretsManagerVersions(
	client: SecretsManagerClient,
	clock: Clock,
	secretId: string,
	rotationToken?: string,
): SecretVersions {
	const secret = { SecretId: secretId };

	async function read(version: { VersionId?: string; VersionStage: string }) {
		const { SecretString, VersionId, CreatedDate } = await client.send(
			new GetSecretValueCommand({ ...secret, ...version }),
		);
		if (SecretString === undefined || VersionId === undefined)
			throw new Error('the secret of the token keyring has no text');
		return { id: VersionId, text: SecretString, createdAtMs: CreatedDate?.getTime() };
	}

	return {
		standing: async (id) => {
			const { VersionIdsToStages } = await client.send(new DescribeSecretCommand(secret));
			const stages = VersionIdsToStages?.[id] ?? [];
			if (stages.includes('AWSCURRENT')) return 'current';
			return stages.includes('AWSPENDING') ? 'pending' : 'neither';
		},
		current: async () => {
			const [{ id, text, createdAtMs }, { LastRotatedDate }] = await Promise.all([
				read({ VersionStage: 'AWSCURRENT' }),
				client.send(new DescribeSecretCommand(secret)),
			]);
			// The last rotation made it current, unless somebody has stored it by hand since.
			const currentSinceMs =
				createdAtMs === undefined
					? clock.now().wallMs
					: Math.max(createdAtMs, LastRotatedDate?.getTime() ?? createdAtMs);
			return { id, text, currentSinceMs };
		},
		pending: async (id) => {
			try {
				return (await read({ VersionId: id, VersionStage: 'AWSPENDING' })).text;
			} catch (error) {
				if (error instanceof ResourceNotFoundException) return undefined;
				throw error;
			}
		},
		putPending: async (id, text) => {
			try {
				await client.send(
					new PutSecretValueCommand({
						...secret,
						ClientRequestToken: id,
						SecretString: text,
						VersionStages: ['AWSPENDING'],
						...(rotationToken === undefined ? {} : { RotationToken: rotationToken }),
					}),
				);
			} catch (error) {
				// An earlier run of this step stored other random keys, which are as good.
				if (!(error instanceof ResourceExistsException)) throw error;
			}
		},
		makeCurrent: async (id, replaced) => {
			await client.send(
				new UpdateSecretVersionStageCommand({
					...secret,
					VersionStage: 'AWSCURRENT',
					MoveToVersionId: id,
					RemoveFromVersionId: replaced,
				}),
			);
		},
	};
}
