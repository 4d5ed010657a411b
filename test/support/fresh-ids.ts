import { randomBytes } from 'node:crypto';
import { instanceIdBytes, instanceIdOf, sessionIdBytes, sessionIdOf } from '../../functions/session/ids.ts';
import type { InstanceId, SessionId } from '../../functions/session/session.ts';

/** An id that no other test has, so tests can share a repository. */
export function freshSessionId(): SessionId {
	return sessionIdOf(randomBytes(sessionIdBytes));
}

export function freshInstanceId(): InstanceId {
	return instanceIdOf(randomBytes(instanceIdBytes));
}
