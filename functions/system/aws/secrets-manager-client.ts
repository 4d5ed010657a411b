import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretsManagerTryMs } from '../time-budget.ts';
import { callLimits } from './call-limits.ts';

/**
 * Secrets Manager answers within some ten milliseconds. A request with an unknown key waits for
 * both tries.
 */
export function createSecretsManagerClient(): SecretsManagerClient {
	return new SecretsManagerClient(callLimits(secretsManagerTryMs));
}
