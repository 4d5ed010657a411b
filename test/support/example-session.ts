import { instanceIdOf, sessionIdOf } from '../../functions/session/ids.ts';
import type { InstanceId, SecretHash, Session, SessionId } from '../../functions/session/session.ts';
import type { Stamp } from '../../functions/session/stamp.ts';
import { makeStamp } from '../../functions/session/stamp.ts';

/** When example sessions are created. */
export const exampleStartMs = 1_800_000_000_000;

/** The session id of which every byte is `byte`. */
export function exampleSessionId(byte: number): SessionId {
	return sessionIdOf(new Uint8Array(16).fill(byte));
}

/** The instance id of which every byte is `byte`. */
export function exampleInstanceId(byte: number): InstanceId {
	return instanceIdOf(new Uint8Array(12).fill(byte));
}

/** A secret hash of which every character is `letter`. */
export function exampleSecretHash(letter: string): SecretHash {
	return letter.repeat(43) as SecretHash;
}

/** The field of a message that proves that its sender has seen the token of an example session. */
export const exampleProof = { secretHash: exampleSecretHash('s') } as const;

/** A stamp from `ms` milliseconds after example sessions are created. */
export function exampleStamp(ms: number, counter = 0, node = 'node'): Stamp {
	return makeStamp(exampleStartMs + ms, counter, node);
}

/** A session that lives for an hour and may be idle for ten minutes, changed by `differing`. */
export function exampleSession(differing: Partial<Session> = {}): Session {
	return {
		schema: 1,
		id: exampleSessionId(1),
		subject: 'issuer:alice',
		createdAtMs: exampleStartMs,
		absoluteExpiresAtMs: exampleStartMs + 3_600_000,
		idleTimeoutMs: 600_000,
		lastSeenAtMs: exampleStartMs,
		credential: {
			generation: 1,
			...exampleProof,
			assuranceLevel: 1,
			authenticatedAtMs: exampleStartMs,
			scopes: [],
		},
		owner: { epoch: 1, instanceId: exampleInstanceId(1) },
		attributes: {},
		...differing,
	};
}
