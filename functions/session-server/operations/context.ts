import type { FindLive } from '../finding/find-live.ts';
import type { FindSession } from '../finding/find-session.ts';
import type { Instance } from '../instance.ts';
import type { RecordActivity } from './activity.ts';

/** What the operations on sessions share: the instance, and the ways to find a session. */
export interface OperationContext extends Instance {
	readonly findSession: FindSession;
	readonly findLive: FindLive;
	readonly recordActivity: RecordActivity;
}
