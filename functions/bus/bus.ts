import type { Feed } from '../leases/feed.ts';
import type { LeaseTable } from '../leases/lease-table.ts';
import type { Timing } from '../leases/timing.ts';
import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import type { Repository } from '../repositories/repository.ts';
import type { SubjectIndex } from '../repositories/subject-index.ts';
import type { Log } from '../system/log.ts';
import type { TimerClock } from '../system/timers.ts';
import { create } from './create.ts';
import { createDoubts, type Doubts } from './doubts.ts';
import { guardRepositories } from './guarded-repositories.ts';
import { health } from './health.ts';
import { list } from './list.ts';
import { read } from './read.ts';
import { createReads, type Reads } from './reads.ts';
import { recover } from './recover.ts';
import type { RepairQueue } from './repair-queue.ts';
import { reportCorrupt } from './report-corrupt.ts';
import { revoke } from './revoke.ts';
import { revokeSubject } from './revoke-subject.ts';
import { touch } from './touch.ts';
import { update } from './update.ts';

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
