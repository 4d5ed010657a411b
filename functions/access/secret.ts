import type { Credential, SecretHash } from '../session/session.ts';

/**
 * Whether a token's secret is one that the session accepts now: the current one, or the one before within its grace.
 * Compares hashes of secrets that only their holder can produce, so the comparison's timing tells nothing of use.
 */
export function acceptsSecret(credential: Credential, secretHash: SecretHash, nowMs: number): boolean {
	if (credential.secretHash === secretHash) return true;
	return (
		credential.previousSecretHash === secretHash &&
		credential.graceUntilMs !== undefined &&
		nowMs < credential.graceUntilMs
	);
}
