import type { CopyKeys } from '../carried/copy-keys.ts';
import type { Feed } from '../control-table/feed.ts';
import type { LeaseTable } from '../control-table/lease-table.ts';
import type { Timing } from '../control-table/timing.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { RandomBytes } from '../system/random.ts';
import type { InvokeBus } from './bus-client.ts';
import type { TokenKeys } from './identity/token-keys.ts';

/** The ports of an instance: the control table and the bus, and nothing behind the bus (I9). */
export interface InstanceContext {
	readonly leases: LeaseTable;
	readonly feed: Feed;
	readonly invokeBus: InvokeBus;
	readonly clock: Clock;
	readonly randomBytes: RandomBytes;
	readonly log: Log;
	readonly timing: Timing;
	readonly tokenKeys: TokenKeys;
	/** The keys of carried copies. Absent: the instance uses no carried copy. */
	readonly copyKeys?: CopyKeys;
	/** The most memory for copies of sessions, in bytes. */
	readonly copyBytesMax: number;
	/** The requests with one token that this instance answers each second. */
	readonly requestsPerSecond: number;
}
