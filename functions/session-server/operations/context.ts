import type { FindLive } from '../finding/find-live.ts';
import type { FindSession } from '../finding/find-session.ts';
import type { Instance } from '../instance.ts';
import type { RecordActivity } from '../memory/activity.ts';

/** The instance and the functions that all operations on sessions share. */
export interface OperationContext extends Instance {
	readonly findSession: FindSession;
	readonly findLive: FindLive;
	readonly recordActivity: RecordActivity;
}
