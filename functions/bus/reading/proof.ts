import { timingSafeEqual } from 'node:crypto';
import type { SecretHash, Session } from '../../session/session.ts';
import { contradict } from '../../session/signed-part.ts';
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
 * Whether the records of a session are proven: the newest credential of all, since an older one may
 * have been replaced. If one of the records is forged, any of them is enough, because the forged
 * one may have another secret.
 *
 * @param join of the records, or `different` if they cannot be joined
 */
export function areProven(
	records: readonly Session[],
	join: Session | 'different' | undefined,
	isProven: IsProven,
): boolean {
	const [first, ...others] = records;
	const isOneForged = first !== undefined && others.some((other) => contradict(first, other));
	if (join === 'different' || isOneForged) return records.some(isProven);
	return join === undefined || isProven(join);
}

/**
 * Compares in constant time. Otherwise a sender could find a hash letter by letter, and the hash is
 * all that the bus asks for.
 */
function isSame(a: SecretHash, b: SecretHash): boolean {
	const [one, other] = [Buffer.from(a), Buffer.from(b)];
	return one.length === other.length && timingSafeEqual(one, other);
}
