import { type Bus, createBus } from '../../../functions/bus/bus.ts';
import type { RepairQueue } from '../../../functions/bus/writing/repair-queue.ts';
import type { Feed } from '../../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import { everySession } from '../../../functions/control-table/markers.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import type { SweepTask } from '../../../functions/repair/repair-message.ts';
import { repairSession } from '../../../functions/repair/repair-session.ts';
import { sweepPage } from '../../../functions/repair/sweep.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { SubjectIndex } from '../../../functions/repositories/subject-index.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { SessionId } from '../../../functions/session/session.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { createSettableClock, type SettableClock } from '../settable-clock.ts';
import { storeWatcher } from '../subject-client.ts';
import { createDoubtPorts, type DoubtPorts } from './doubt-ports.ts';

/**
 * The outcome of a call. A process that dies, before or after the call's effect, never continues.
 */
export type Fate = 'done' | 'fails' | 'fails after it took effect' | 'dies before' | 'dies after';

/** Other steps may come first. */
export type FateOf = (call: string) => Fate | Promise<Fate>;

/**
 * Services in memory and buses on top of them. Each bus is a process whose calls `fateOf` decides.
 */
export interface MemoryServices {
	readonly clock: SettableClock;
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectIndex;
	readonly feed: Feed;
	readonly leases: LeaseTable;
	readonly doubt: DoubtPorts;
	/** Sessions whose repair is queued. */
	readonly repairs: Set<SessionId>;
	bus(fateOf?: FateOf): Bus;
	/** Repositories for which a sweep is queued. */
	readonly sweeps: Set<RepositoryName>;
	drainRepairs(): Promise<void>;
}

export function createMemoryServices(
	parts: Partial<Pick<MemoryServices, 'repositories' | 'subjects'>> = {},
): MemoryServices {
	const settable = createSettableClock();
	/** A delay only lets other processes run, without passing time. */
	const clock = { ...settable, delay: () => new Promise<void>((resolve) => setImmediate(resolve)) };
	const repositories = parts.repositories ?? [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	// In memory, a merge takes effect when it is called.
	void storeWatcher(repositories);
	const subjects = parts.subjects ?? createMemorySubjectIndex();
	const feed = createMemoryFeed();
	const leases = createMemoryLeaseTable();
	const doubt = createDoubtPorts();
	const { markers, tallyCopies } = doubt;
	const repairs = new Set<SessionId>();
	const sweeps = new Set<RepositoryName>();

	function bus(fateOf: FateOf = () => 'done'): Bus {
		const reach = callerWith(fateOf);
		const failed = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;
		const silent = () => {
			throw new Unreachable('a service', new Error('down'));
		};
		const queue: RepairQueue = {
			enqueue: (id) => reach('enqueue', async () => void repairs.add(id), silent),
			enqueueSweep: (missing) => reach('enqueue sweep', async () => void sweeps.add(missing), silent),
		};
		return createBus({
			repositories: repositories.map((repository) => ({
				name: repository.name,
				load: (id) =>
					reach(
						`load from ${repository.name}`,
						() => repository.load(id),
						() => failed,
					),
				merge: (...merge) =>
					reach(
						`merge in ${repository.name}`,
						() => repository.merge(...merge),
						() => failed,
					),
				quarantine: repository.quarantine,
				list: repository.list,
				tally: repository.tally,
			})),
			subjects: {
				name: subjects.name,
				read: (subject) =>
					reach(
						'read entries',
						() => subjects.read(subject),
						() => failed,
					),
				change: (subject, decide) =>
					reach(
						'change entries',
						() => subjects.change(subject, decide),
						() => failed,
					),
			},
			feed: { append: (entry) => reach('append', () => feed.append(entry), silent), read: feed.read },
			markers: {
				open: (...open) => reach('open marker', () => markers.open(...open), silent),
				look: (id) => reach(id === everySession ? 'look at every session' : 'look', () => markers.look(id), silent),
				settle: markers.settle,
			},
			tallyCopies,
			repairs: queue,
			leases: {
				...leases,
				read: (id) => reach('read lease', () => leases.read(id), silent),
				seal: (...seal) => reach('seal lease', () => leases.seal(...seal), silent),
			},
			clock,
			timing: timingDefaults,
			log: () => undefined,
		});
	}

	return {
		clock,
		repositories,
		subjects,
		feed,
		leases,
		doubt,
		repairs,
		sweeps,
		bus,
		drainRepairs: async () => {
			const ports = { repositories, subjects, markers, clock };
			for (const missing of sweeps) {
				for (let task: SweepTask | undefined = { missing }; task !== undefined; ) {
					const swept = await sweepPage(ports, task, async (id) => void repairs.add(id));
					task = swept.kind === 'swept' ? swept.next : undefined;
				}
				sweeps.delete(missing);
			}
			for (const id of repairs) if ((await repairSession(ports, id)).kind === 'repaired') repairs.delete(id);
		},
	};
}

function callerWith(fateOf: FateOf) {
	let isDead = false;
	const never = () => new Promise<never>(() => undefined);
	return async <Result, Failure>(
		call: string,
		effect: () => Promise<Result>,
		fail: (fate: Fate) => Failure,
	): Promise<Result | Failure> => {
		if (isDead) return never();
		const fate = await fateOf(call);
		isDead = fate === 'dies before' || fate === 'dies after';
		if (fate === 'dies before') return never();
		if (fate === 'fails') return fail(fate);
		const result = await effect();
		if (isDead) return never();
		return fate === 'done' ? result : fail(fate);
	};
}
