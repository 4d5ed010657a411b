import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { callLimits } from './call-limits.ts';

/** Secrets Manager answers in some ten milliseconds. A request that names an unknown key waits for two tries at most. */
export function createSecretsManagerClient(): SecretsManagerClient {
	return new SecretsManagerClient(callLimits(1_000));
}
