import { timingSafeEqual } from 'node:crypto';
import type { SecretHash, Session } from '../../session/session.ts';
import type { BusContext } from '../context.ts';

/**
 * Whether a message about a session may be performed, by the session's record. If not, it is
 * answered as if there were no session.
 */
export type IsProven = (stored: Session) => boolean;

/**
 * A message must name the hash of a secret that the session accepts: the current one, or the one
 * before within its grace. So a session server reaches only sessions whose tokens it has seen. The
 * grace counts for a skew margin longer than at the session server, which decides about the token
 * itself.
 */
export function provenByToken(
	{ clock, timing }: Pick<BusContext, 'clock' | 'timing'>,
	{ secretHash }: { readonly secretHash: SecretHash },
): IsProven {
	const graceAtMs = clock.now().wallMs - timing.skewMs;
	return ({ credential }) => {
		const { previousSecretHash, graceUntilMs } = credential;
		const isCurrent = isSame(credential.secretHash, secretHash);
		const isFormer = previousSecretHash !== undefined && isSame(previousSecretHash, secretHash);
		return isCurrent || (isFormer && graceUntilMs !== undefined && graceAtMs < graceUntilMs);
	};
}

/**
 * Compares in constant time. Otherwise a sender could find a hash letter by letter, and the hash is
 * all that the bus asks for.
 */
function isSame(a: SecretHash, b: SecretHash): boolean {
	const [one, other] = [Buffer.from(a), Buffer.from(b)];
	return one.length === other.length && timingSafeEqual(one, other);
}
