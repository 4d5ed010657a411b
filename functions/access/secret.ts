import type { Credential, SecretHash } from '../session/session.ts';

/**
 * Whether the session accepts a token's secret now: it is the current one, or the previous one
 * within its grace. The comparison need not take constant time: it compares hashes, and only the
 * holder of a secret has a token with its hash.
 */
export function acceptsSecret(credential: Credential, secretHash: SecretHash, nowMs: number): boolean {
	if (credential.secretHash === secretHash) return true;
	return (
		credential.previousSecretHash === secretHash &&
		credential.graceUntilMs !== undefined &&
		nowMs < credential.graceUntilMs
	);
}
