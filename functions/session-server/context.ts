import type { Quota } from '../access/quota.ts';
import type { ServiceCatalog } from '../access/service-catalog.ts';
import type { Feed } from '../control-table/feed.ts';
import type { LeaseTable } from '../control-table/lease-table.ts';
import type { Timing } from '../control-table/timing.ts';
import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { RandomBytes } from '../system/random.ts';
import type { Timeouts } from './deployment/timeouts.ts';
import type { TokenKeys } from './identity/token-keys.ts';

/**
 * Port: the bus. Never throws: a bus that does not answer, or not in time, is the answer `unavailable`, and whether the
 * operation took effect is then not known. `withinMs`: how long its caller can wait, where that is less than usual.
 */
export type AskBus = (message: Message, withinMs?: number) => Promise<Answer>;

/** What a session server works with: the control table and the bus, and nothing behind the bus (I9). */
export interface SessionServerContext {
	readonly leases: LeaseTable;
	readonly feed: Feed;
	readonly askBus: AskBus;
	readonly clock: Clock;
	readonly randomBytes: RandomBytes;
	readonly log: Log;
	readonly timing: Timing;
	readonly timeouts: Timeouts;
	readonly tokenKeys: TokenKeys;
	readonly catalog: ServiceCatalog;
	/** Names of the attributes that clients may read and write. */
	readonly clientAttributes: ReadonlySet<string>;
	/** How many sessions a subject may have at once. */
	readonly quota: Quota;
	readonly copyBytesMax: number;
}
