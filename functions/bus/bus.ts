import type { Feed } from '../control-table/feed.ts';
import type { LeaseTable } from '../control-table/lease-table.ts';
import type { Timing } from '../control-table/timing.ts';
import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import type { Repository } from '../repositories/repository.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import type { Log } from '../system/log.ts';
import type { TimerClock } from '../system/timers.ts';
import { create } from './operations/create.ts';
import { createDoubts, type Doubts } from './doubt/doubts.ts';
import { guardRepositories } from './reading/circuits.ts';
import { health } from './operations/health.ts';
import { list } from './operations/list.ts';
import { read } from './operations/read.ts';
import { createReads, type Reads } from './reading/hedged-reads.ts';
import { recover } from './operations/recover.ts';
import type { RepairQueue } from './writing/repair-queue.ts';
import { reportCorrupt } from './reading/report-corrupt.ts';
import { revoke } from './operations/revoke.ts';
import { revokeSubject } from './operations/revoke-subject.ts';
import { touch } from './operations/touch.ts';
import { update } from './operations/update.ts';

/** What the bus works with. It alone knows the repositories (I9). */
export interface BusPorts {
	/** In the order in which they are asked when all are well; the first that answers decides who owns a session. */
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly repairs: RepairQueue;
	readonly leases: LeaseTable;
	readonly feed: Feed;
	readonly clock: TimerClock;
	readonly timing: Timing;
	readonly log: Log;
}

/** What the bus's operations share. */
export interface BusContext extends BusPorts {
	readonly doubts: Doubts;
	readonly reads: Reads;
}

export type Bus = (message: Message) => Promise<Answer>;

/** The bus, for Lambda, the local region and the simulation alike. */
export function createBus(ports: BusPorts): Bus {
	const doubts = createDoubts(ports.repositories, ports.clock);
	const guarded = guardRepositories(reportCorrupt(ports.repositories, ports), ports.clock);
	const reads = createReads(guarded, doubts, ports.clock);
	const context: BusContext = {
		...ports,
		repositories: guarded.repositories,
		subjects: guarded.guardIndex(ports.subjects),
		doubts,
		reads,
	};
	return (message) => {
		switch (message.operation) {
			case 'create':
				return create(context, message);
			case 'read':
				return read(context, message);
			case 'recover':
				return recover(context, message);
			case 'update':
				return update(context, message);
			case 'touch':
				return touch(context, message);
			case 'revoke':
				return revoke(context, message);
			case 'list':
				return list(context, message);
			case 'revokeSubject':
				return revokeSubject(context, message);
			case 'health':
				return health(context);
		}
	};
}
