import type { CurrentSigningKey } from '../carried/copy-keys.ts';
import type { Feed } from '../control-table/feed.ts';
import type { LeaseTable } from '../control-table/lease-table.ts';
import type { Markers } from '../control-table/markers.ts';
import type { TallyCopies } from '../control-table/tally-copies.ts';
import type { Timing } from '../control-table/timing.ts';
import type { Repository } from '../repositories/repository.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import type { Log } from '../system/log.ts';
import type { TimerClock } from '../system/timers.ts';
import type { Carry } from './carry.ts';
import type { Looks } from './doubt/looks.ts';
import type { SetBacks } from './doubt/set-backs.ts';
import type { HedgedReads } from './reading/hedged-reads.ts';
import type { SubjectLimit } from './subjects/limit.ts';
import type { RepairQueue } from './writing/repair-queue.ts';

/** The ports of the bus. Session servers have no repository (I9). */
export interface BusPorts {
	/**
	 * In the order in which they are asked when all are well. The first one that answers decides who
	 * owns a session.
	 */
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly repairs: RepairQueue;
	readonly leases: LeaseTable;
	readonly feed: Feed;
	readonly markers: Markers;
	readonly tallyCopies: TallyCopies;
	readonly clock: TimerClock;
	readonly timing: Timing;
	readonly log: Log;
	/** The key for carried copies. Absent: the bus signs none. */
	readonly currentSigningKey?: CurrentSigningKey;
}

/** The ports, guarded, and the state that the bus's operations share. */
export interface BusContext extends BusPorts {
	readonly looks: Looks;
	readonly setBacks: SetBacks;
	readonly reads: HedgedReads;
	readonly limitSubject: SubjectLimit['limitSubject'];
	/** Signs what one message is answered with, for the client. */
	readonly carry: Carry;
}
