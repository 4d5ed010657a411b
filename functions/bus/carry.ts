import { signCarried } from '../carried/carried-copy.ts';
import type { CurrentSigningKey } from '../carried/copy-keys.ts';
import type { Answer } from '../protocol/answers.ts';
import type { Session } from '../session/session.ts';

/**
 * Adds a signed copy for the client to the answer, if a session was found.
 *
 * @param stored the session as the repositories have it, if the answer also has activity that is
 * not stored. Another instance would take that for reported.
 */
export type Carry = <Given extends Answer>(answer: Given, stored?: Session) => Given;

/**
 * The carry of one message.
 *
 * A record that no repository could vouch for is not signed: a doubtful one is only good enough for
 * its asker, and a degraded one rests on assumption A3. A mistake in it would stay in the memory of
 * one instance, and a signature would bring it to all of them.
 *
 * @param knownAtMs before anything is asked for the message
 */
export function createCarry(currentSigningKey: CurrentSigningKey | undefined, knownAtMs: number): Carry {
	return (answer, stored) => {
		if (answer.kind !== 'found' || answer.receipt.doubtful || answer.receipt.degraded) return answer;
		const key = currentSigningKey?.();
		if (key === undefined) return answer;
		const { session, receipt } = answer;
		const carried = signCarried(key, { session: stored ?? session, knownAtMs, receipt });
		return carried === undefined ? answer : { ...answer, carried };
	};
}
