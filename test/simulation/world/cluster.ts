import type { Quota } from '../../../functions/access/quota.ts';
import { type Bus, createBus } from '../../../functions/bus/bus.ts';
import { repairDelayMs } from '../../../functions/bus/writing/repair-queue.ts';
import type { Feed } from '../../../functions/control-table/feed.ts';
import { everySession, type Markers } from '../../../functions/control-table/markers.ts';
import { createMemoryCopyKeys } from '../../../functions/control-table/memory/copy-keys.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { createMemoryMarkers, type MemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import { createMemoryTallyCopies } from '../../../functions/control-table/memory/tally-copies.ts';
import { type Answer, type AnswerOf, receiptOf } from '../../../functions/protocol/answers.ts';
import type { Message, MessageOf } from '../../../functions/protocol/messages.ts';
import { operations } from '../../../functions/protocol/operations.ts';
import type { Receipt } from '../../../functions/protocol/receipt.ts';
import type { SweepTask } from '../../../functions/repair/repair-message.ts';
import { type RepairPorts, repairSession } from '../../../functions/repair/repair-session.ts';
import { sweepPage } from '../../../functions/repair/sweep.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import type { EntryStore } from '../../../functions/repositories/optimistic-change.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import { withAttributes } from '../../../functions/session/changes.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';
import type { Timeouts } from '../../../functions/session-server/deployment/timeouts.ts';
import { createSessionServer, type SessionServer } from '../../../functions/session-server/session-server.ts';
import { busWaitMaxMs } from '../../../functions/system/time-budget.ts';
import { observedLeases, observedMarkers, observedRepository, type Witness } from '../checks/witness.ts';
import { createNetwork, type Network, type ServiceName } from '../engine/network.ts';
import { createNode, type Node } from '../engine/node.ts';
import type { Random } from '../engine/random.ts';
import { epochMs, type Schedule } from '../engine/schedule.ts';
import type { Forger } from '../faults/forger.ts';
import { publishedKey } from './copy-keys.ts';
import {
	busOver,
	copyKeysOver,
	feedOver,
	leasesOver,
	lookAt,
	markersOver,
	queueOver,
	repositoryOver,
	subjectsOver,
	tallyCopiesOver,
} from './ports.ts';
import { catalog, copyBytesMax, keyring, timing } from './settings.ts';
import { createSubjectItems, type SubjectItems } from './subject-items.ts';
import { createTokenKeys } from './token-keys.ts';
import { overWire } from './wire.ts';

/**
 * Everything that is deployed: the instances of the session server and the bus, the services and
 * the repair function.
 */
export interface Cluster {
	readonly network: Network;
	readonly servers: readonly Slot<SessionServer>[];
	readonly buses: readonly Slot<Bus>[];
	readonly repositories: readonly Repository[];
	readonly subjects: SubjectItems;
	/** Sends what it likes to a bus, as a server that was broken into does. */
	readonly intruderInvokesBus: InvokeBus;
	readonly quota: Quota;
	/**
	 * Whether the session may be missing from its subject's index, so that a quota may not count
	 * it.
	 */
	isBeyondQuota(sessionId: SessionId): boolean;
	/** Whether a forged record said that the session is another subject's. */
	wasMoved(sessionId: SessionId): boolean;
	/**
	 * Whether somebody decided to end the session before any repository had it. Then its login must
	 * not be acknowledged.
	 */
	isEndedUnstored(sessionId: SessionId): boolean;
	/** The number of repairs that are queued or under way. */
	pendingRepairs(): number;
	/** From now on repairs are delivered without delay, and no repair dies. */
	hurryRepairs(): void;
	/** Queues a sweep for the repository that was set back, as an operator does. */
	queueSweep(): void;
	/** Queues a repair of the session, even if it needs none. */
	queueRepair(sessionId: SessionId): void;
	/** Backs the repository up. */
	backUp(name: 'dynamodb' | 's3'): Backup;
	/**
	 * Whether the other repository has all that was acknowledged, stubs included, and none was set
	 * back before.
	 */
	mayDelete(name: 'dynamodb' | 's3'): boolean;
	delete(name: 'dynamodb' | 's3'): void;
	/**
	 * Restores the repository from the backup. `false`: the other one missed something meanwhile,
	 * so the repository is back as it was.
	 */
	restore(name: 'dynamodb' | 's3', backup: Backup): boolean;
	/** Whether the subject index may have forgotten something, because it was set back. */
	wasIndexSetBack(): boolean;
	/** The markers that are open. */
	openMarkers(): MemoryMarkerList;
}

type MemoryMarkerList = ReturnType<MemoryMarkers['listOpen']>;

/** A backup of one repository, and of the subject index if it is kept there. */
export interface Backup {
	/** Whether a copy of the tally was counted since. */
	isOld(): boolean;
	setBack(): void;
}

/**
 * Whether the answer acknowledges a write. A recovery that did not adopt may have written nothing,
 * and so may a message that is answered with the end of its asker: the bus has read of that.
 */
function hasWritten(message: Message, answer: AnswerOf<'found' | 'revoked'>): boolean {
	const { operation } = message;
	if (operation === 'recover') return answer.kind === 'found' && answer.adopted === true;
	if (operation === 'revoke' && answer.session.id !== message.sessionId) return false;
	return operation !== 'revokeSubject' && operations[operation].effect !== 'none';
}

/**
 * A place where one instance runs at a time. When the old instance is dead, a new one takes the
 * place.
 */
export interface Slot<Instance> {
	readonly node: Node;
	readonly instance: Instance;
	kill(): void;
	restart(): void;
}

export interface ClusterOptions {
	readonly servers: number;
	readonly buses: number;
	readonly quota: Quota;
	readonly timeouts: Timeouts;
	/** How far the wall clock of a new node is ahead of true time. */
	clockOffsetMs(): number;
	/** Whether messages and answers travel as JSON. */
	readonly overWire: boolean;
	/** Whether every third one of them is from the next release. */
	readonly neighbours?: boolean;
	/** Whether buses sign copies for clients to carry. */
	readonly carries: boolean;
	/** Whether DynamoDB stores the session whole. */
	fits(session: Session): boolean;
	/** Forges records that buses read. Absent: they are as stored. */
	readonly forger?: Forger | undefined;
}

/** Longer than a message about a session that has expired may be under way. */
const markersKeptMs = 20_000;

export function createCluster(schedule: Schedule, random: Random, witness: Witness, options: ClusterOptions): Cluster {
	const network = createNetwork(schedule, random.fork(), witness.trace);
	const ids = random.fork();
	const sparing = random.fork();
	const tokenKeys = createTokenKeys(keyring);
	const leases = observedLeases(createMemoryLeaseTable(), witness);
	const copyKeys = createMemoryCopyKeys({
		now: () => ({ wallMs: epochMs + schedule.now(), monotonicMs: schedule.now() }),
	});
	const memoryMarkers = createMemoryMarkers();
	const markersEnd = new Map<SessionId, number>();
	/** Deletes markers as soon as it may: shortly after the session's age limit, not a day. */
	const markers: Markers = {
		...observedMarkers(memoryMarkers, witness),
		open: (id, missing, at) => {
			markersEnd.set(id, (at.expiresAtMs ?? Number.POSITIVE_INFINITY) + markersKeptMs);
			return memoryMarkers.open(id, missing, at);
		},
		look: async (id) => (isDeleted(id) ? new Map() : memoryMarkers.look(id)),
	};
	const isDeleted = (id: SessionId) => epochMs + schedule.now() > (markersEnd.get(id) ?? Number.POSITIVE_INFINITY);
	const isMarked = (name: RepositoryName, sessionId: SessionId) =>
		memoryMarkers.listOpen().some(({ id, missing }) => missing === name && (id === sessionId || id === everySession));
	const forged = (repository: Repository) => options.forger?.over(repository, isMarked) ?? repository;
	const tallyCopies = createMemoryTallyCopies();
	const kept = createMemoryFeed();
	/** Deletes its entries as soon as it may. */
	const feed: Feed = {
		append: kept.append,
		read: (fromMs, toMs) => kept.read(Math.max(fromMs, epochMs + schedule.now() - timing.feedRetentionMs), toMs),
	};
	const memories = [createMemoryRepository('dynamodb', options.fits), createMemoryRepository('s3')];
	const repositories = memories.map((repository) => observedRepository(repository, witness));
	const subjects = createSubjectItems();
	const tasks = new Map<number, SessionId>();
	const beyondQuota = new Set<SessionId>();
	/** Repairs add entries to the index without looking at the quota. */
	const repaired: EntryStore = {
		get: subjects.get,
		setAside: subjects.setAside,
		put: (subject, over, entries, used) => {
			for (const { id } of entries) if (!over.entries.some((entry) => entry.id === id)) beyondQuota.add(id);
			return subjects.put(subject, over, entries, used);
		},
	};
	const endedUnstored = new Set<SessionId>();
	const isStored = (id: SessionId) => repositories.some(({ name }) => witness.truth.states(name, id).length > 0);
	/** The index for buses. It notices who ends a session before that is stored. */
	const marked: EntryStore = {
		get: subjects.get,
		setAside: subjects.setAside,
		put: async (subject, over, entries, used) => {
			const put = await subjects.put(subject, over, entries, used);
			if (put === 'written')
				for (const { id, ending } of entries) if (ending !== undefined && !isStored(id)) endedUnstored.add(id);
			return put;
		},
	};
	let nextTask = 0;
	let repairs = 0;
	/** Repairs under way, repeated deliveries included. */
	let deliveries = 0;
	let hurried = false;
	let missedBy: Record<RepositoryName, number> = { dynamodb: 0, s3: 0, memory: 0 };

	const queue = {
		enqueue: async (sessionId: SessionId, missing: readonly RepositoryName[]) => {
			const task = nextTask++;
			tasks.set(task, sessionId);
			count(missing, 1);
			deliverRepair(task, sessionId, missing);
			// Queues deliver at least once.
			if (random.chance(0.1)) deliverRepair(task, sessionId, missing);
		},
		enqueueSweep: async (missing: RepositoryName) => {
			witness.noticedSetBack(missing);
			deliverSweep({ missing });
		},
	};

	/** Until a sweep has ended, the repository that was set back lacks changes of any session. */
	let setBack: 'none' | 'deleted' | 'restored' | 'swept' = 'none';

	/** As the repair function does. Here, no sweep dies. */
	function deliverSweep(task: SweepTask): void {
		deliveries++;
		schedule.at(hurried ? 50 : repairDelayMs, async () => {
			const node = createNode(`repair.${++repairs}`, schedule, 0, 'repair');
			const next = await sweepOnce(portsOf(node), task);
			if (next !== undefined) deliverSweep(next);
			deliveries--;
		});
	}

	/** Returns the message that is to follow, if any. */
	async function sweepOnce(ports: RepairPorts, task: SweepTask): Promise<SweepTask | undefined> {
		const swept = await sweepPage(ports, task, (id, missing) => queue.enqueue(id, [missing]));
		if (swept.kind === 'retry') return task;
		if (swept.next !== undefined) return swept.next;
		if (setBack !== 'restored' || !witness.truth.isSwept(task.missing)) return undefined;
		setBack = 'swept';
		count([task.missing], -1);
		return undefined;
	}

	const indexFor = (name: RepositoryName) => (name === subjectsName ? subjects : undefined);
	const subjectsName = 'dynamodb';
	let indexSetBack = false;
	let setBackName: RepositoryName | undefined;
	let isLargeChangeAsked = false;

	function backUp(name: 'dynamodb' | 's3'): Backup {
		const memory = memories.find((each) => each.name === name);
		if (memory === undefined) throw new Error(`there is no repository ${name}`);
		const count = async () => {
			const read = await memory.tally.read();
			return read.kind === 'known' ? (read.tally?.count ?? 0) : 0;
		};
		const restores = [memory.backUp(), indexFor(name)?.backUp(), witness.backedUp(name)];
		const before = count();
		let isOld = false;
		return {
			isOld: () => {
				void Promise.all([before, tallyCopies.read(name)]).then(([then, now]) => {
					isOld = (now?.count ?? 0) > then;
				});
				return isOld;
			},
			setBack: () => {
				indexSetBack ||= name === subjectsName;
				// No quota counts sessions whose entries are lost.
				for (const id of indexFor(name)?.ids() ?? []) beyondQuota.add(id);
				for (const restore of restores) restore?.();
			},
		};
	}

	function mayDelete(name: 'dynamodb' | 's3'): boolean {
		if (setBack !== 'none' || missedBy[name === 's3' ? 'dynamodb' : 's3'] > 0) return false;
		// S3 alone has a large session, and DynamoDB may be about to write its stub.
		return name === 'dynamodb' || !isLargeChangeAsked;
	}

	function bringBack(name: 'dynamodb' | 's3', backup: Backup): boolean {
		network.restored(name);
		const other = name === 's3' ? 'dynamodb' : 's3';
		if (missedBy[other] > 0) {
			setBack = 'none';
			count([name], -1);
			return false;
		}
		setBack = 'restored';
		setBackName = name;
		backup.setBack();
		return true;
	}

	/** The service that is spared while writes wait for repair. */
	let spared: 'control' | 'holder' = 'holder';

	/**
	 * While writes wait for repair, either the control table or the repository that has them stays
	 * reachable (assumption A3). Nothing tells of what a repository lacks that was set back, but
	 * the other one has it.
	 */
	function count(missing: readonly RepositoryName[], by: number): void {
		if (missedBy.dynamodb + missedBy.s3 === 0) spared = sparing.chance(0.5) ? 'control' : 'holder';
		for (const name of missing) missedBy = { ...missedBy, [name]: missedBy[name] + by };
		const spareIf = (isSpared: boolean, service: ServiceName) =>
			isSpared ? network.spared.add(service) : network.spared.delete(service);
		const holderIsSpared = spared === 'holder' || setBack !== 'none';
		spareIf(holderIsSpared && missedBy.dynamodb > 0, 's3');
		spareIf(holderIsSpared && missedBy.s3 > 0, 'dynamodb');
		spareIf(spared === 'control' && missedBy.dynamodb + missedBy.s3 > 0, 'control');
	}

	/**
	 * A bus that has reached neither the control table nor the other repository has just believed
	 * the one that answered (assumption A3).
	 */
	function relyOnA3({ name }: Node, begunMs: number, { session, receipt }: AnswerOf<'found' | 'revoked'>): void {
		const answered = receipt.asked.filter(({ outcome }) => outcome === 'found' || outcome === 'stored');
		const other = answered.every(({ repository }) => repository === 's3') ? 'dynamodb' : 's3';
		if (!receipt.degraded || !network.hasJustFailed(name, other)) return;
		if (network.isUnanswered(name, lookAt(session.id), begunMs)) witness.reliedOnA3(session.id);
	}

	function deliverRepair(task: number, sessionId: SessionId, missing: readonly RepositoryName[]): void {
		deliveries++;
		schedule.at(hurried ? 50 : repairDelayMs + random.exponential(2_000), async () => {
			const node = createNode(`repair.${++repairs}`, schedule, 0, 'repair');
			let ended = false;
			// If the repair dies, its message is delivered again. Everything that it wrote stays.
			if (!hurried && random.chance(0.05))
				schedule.at(random.exponential(500), () => {
					if (ended) return;
					witness.trace?.(() => `${node.name} dies`);
					node.kill();
					deliveries--;
					deliverRepair(task, sessionId, missing);
				});
			const repaired = await repair(node, sessionId);
			ended = true;
			deliveries--;
			if (!repaired) deliverRepair(task, sessionId, missing);
			else if (tasks.delete(task)) count(missing, -1);
		});
	}

	function portsOf(node: Node): RepairPorts {
		return {
			repositories: repositories.map((repository) => repositoryOver(network, node, repository)),
			subjects: subjectsOver(network, node, repaired),
			markers: markersOver(network, node, markers),
			clock: node.clock,
		};
	}

	/** Does what the repair function does with one message. */
	async function repair(node: Node, sessionId: SessionId): Promise<boolean> {
		const ports = portsOf(node);
		return (await repairSession(ports, sessionId)).kind === 'repaired';
	}

	function chooseBus(): { node: Node; bus: Bus } {
		const slot = random.pick(buses);
		return { node: slot.node, bus: slot.instance };
	}

	function startBus(node: Node): Bus {
		const bus = createBus({
			repositories: repositories.map((repository) => forged(repositoryOver(network, node, repository))),
			subjects: subjectsOver(network, node, marked),
			repairs: queueOver(network, node, queue),
			leases: leasesOver(network, node, leases),
			feed: feedOver(network, node, feed),
			markers: markersOver(network, node, markers),
			tallyCopies: tallyCopiesOver(network, node, tallyCopies),
			clock: node.clock,
			timing,
			...(options.carries && {
				currentSigningKey: publishedKey(copyKeysOver(network, node, copyKeys), node, ids.bytes),
			}),
			log: (_level, message, fields) =>
				witness.trace?.(() => `${node.name}: ${message} ${JSON.stringify(fields ?? {})}`),
		});
		const witnessAnswer = (message: Message, begunMs: number, answer: Answer) => {
			const receipt = receiptOf(answer);
			if (receipt !== undefined) checkFigures(receipt);
			if (answer.kind !== 'found' && answer.kind !== 'revoked') return answer;
			relyOnA3(node, begunMs, answer);
			if (message.operation === 'update' && message.ifVersion !== undefined && answer.kind === 'found')
				witness.truth.changedIf(message.sessionId, message.ifVersion, answer.receipt.degraded);
			// An answer that nobody waits for any more acknowledges nothing. The bus was frozen.
			const isAwaited = schedule.now() - begunMs <= busWaitMaxMs;
			if (isAwaited && hasWritten(message, answer)) {
				witness.acknowledged(answer.session);
				if (answer.receipt.degraded && operations[message.operation].effect === 'visible')
					witness.acknowledgedDegraded(answer.session, (missing) => isMarked(missing, answer.session.id));
			}
			if (message.operation === 'create' && answer.kind === 'found' && answer.receipt.degraded)
				beyondQuota.add(message.session.id);
			return answer;
		};
		const witnessed: Bus = (message) => {
			const begunMs = schedule.now();
			return bus(message).then((answer) => witnessAnswer(message, begunMs, answer));
		};
		return options.overWire ? overWire(witnessed, witness, options.neighbours === true) : witnessed;
	}

	function startServer(node: Node): SessionServer {
		return createSessionServer({
			leases: leasesOver(network, node, leases),
			feed: feedOver(network, node, feed),
			invokeBus: reporting(busOver(network, node, chooseBus)),
			clock: node.clock,
			randomBytes: ids.bytes,
			log: (_level, message, fields) =>
				witness.trace?.(() => `${node.name}: ${message} ${JSON.stringify(fields ?? {})}`),
			timing,
			timeouts: options.timeouts,
			tokenKeys,
			...(options.carries && { copyKeys: copyKeysOver(network, node, copyKeys) }),
			catalog,
			quota: options.quota,
			copyBytesMax,
			requestsPerSecond: 100,
		});
	}

	/** Only finite numbers survive JSON, and most runs do not send their answers as JSON. */
	function checkFigures({ asked, tookMs, ageMs }: Receipt): void {
		const figures = [tookMs, ageMs, ...asked.map((each) => each.tookMs)];
		if (figures.some((figure) => figure !== undefined && !Number.isFinite(figure)))
			witness.violated('I10', `a receipt says that something took ${figures.join(' or ')} ms`);
	}

	/**
	 * Tells the witness of reports before they travel. Servers may report less activity than there
	 * was, never more.
	 */
	function reporting(invokeBus: InvokeBus): InvokeBus {
		return (message, withinMs, departed) => {
			if (message.operation === 'create') witness.truth.asksForSession(message.session);
			if (message.operation === 'update') isLargeChangeAsked ||= isLarge(message);
			if (message.operation === 'revokeSubject') {
				const { sessionId } = message.asker;
				const [state] = firstStates(sessionId);
				if (state !== undefined) witness.truth.endsSubject(state.subject, sessionId);
			}
			if ('seenAtMs' in message) witness.truth.reportedActivity(message.sessionId, message.seenAtMs);
			return invokeBus(message, withinMs, departed);
		};
	}

	/** The first record of the session in each repository that has ever had it. */
	function firstStates(sessionId: SessionId): readonly Session[] {
		return (['dynamodb', 's3'] as const).flatMap((name) => witness.truth.states(name, sessionId).slice(0, 1));
	}

	/** Whether the change makes its session too large for DynamoDB. */
	function isLarge({ sessionId, changes, stamp }: MessageOf<'update'>): boolean {
		const [state] = firstStates(sessionId);
		const changed = state && withAttributes({ ...state, attributes: {} }, changes, stamp);
		return changed !== undefined && changed !== 'outdated' && !options.fits(changed);
	}

	function createSlot<Instance>(name: string, start: (node: Node) => Instance): Slot<Instance> {
		let life = 1;
		const born = () => createNode(`${name}.${life}`, schedule, options.clockOffsetMs(), name);
		const node = born();
		const slot = {
			node,
			instance: start(node),
			kill: () => {
				witness.trace?.(() => `${slot.node.name} dies`);
				slot.node.kill();
			},
			restart: () => {
				life++;
				slot.node = born();
				witness.trace?.(() => `${slot.node.name} starts`);
				slot.instance = start(slot.node);
			},
		};
		return slot;
	}

	const buses = Array.from({ length: options.buses }, (_, index) => createSlot(`bus-${index + 1}`, startBus));
	const servers = Array.from({ length: options.servers }, (_, index) => createSlot(`server-${index + 1}`, startServer));
	return {
		network,
		servers,
		buses,
		repositories,
		subjects,
		intruderInvokesBus: busOver(network, createNode('intruder', schedule, 0, 'intruder'), chooseBus),
		quota: options.quota,
		isBeyondQuota: (sessionId) => beyondQuota.has(sessionId),
		wasMoved: (sessionId) => options.forger?.hasMoved(sessionId) === true,
		isEndedUnstored: (sessionId) => endedUnstored.has(sessionId),
		pendingRepairs: () => tasks.size + deliveries + (setBack === 'restored' ? 1 : 0),
		backUp,
		mayDelete,
		delete: (name) => {
			setBack = 'deleted';
			count([name], 1);
			network.deleted.add(name);
		},
		restore: bringBack,
		wasIndexSetBack: () => indexSetBack,
		hurryRepairs: () => {
			hurried = true;
		},
		queueSweep: () => {
			if (setBackName !== undefined) deliverSweep({ missing: setBackName });
		},
		queueRepair: (sessionId) => void queue.enqueue(sessionId, ['dynamodb', 's3']),
		openMarkers: () => memoryMarkers.listOpen().filter(({ id }) => !isDeleted(id)),
	};
}
