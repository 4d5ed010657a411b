import type { Bus } from '../../../functions/bus/bus.ts';
import type { RepairQueue } from '../../../functions/bus/writing/repair-queue.ts';
import type { CopyKeys } from '../../../functions/carried/copy-keys.ts';
import type { Feed } from '../../../functions/control-table/feed.ts';
import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import type { Markers } from '../../../functions/control-table/markers.ts';
import type { TallyCopies } from '../../../functions/control-table/tally-copies.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import type { Failed } from '../../../functions/repositories/failed.ts';
import { createOptimisticIndex, type EntryStore } from '../../../functions/repositories/optimistic-change.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { IndexFailed, SubjectIndex } from '../../../functions/repositories/subject-index.ts';
import type { SessionId } from '../../../functions/session/session.ts';
import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import type { Link, Network, ServiceName } from '../engine/network.ts';
import type { Node } from '../engine/node.ts';

/*
 * The production ports, with the simulated network between a node and the memory adapters. Time
 * limits and numbers of tries are those of the real adapters.
 */

export function leasesOver(network: Network, node: Node, leases: LeaseTable): LeaseTable {
	const call = toControlTable(network, node);
	return {
		read: (id) =>
			call(
				() => `read lease ${id}`,
				() => leases.read(id),
			),
		acquire: (id, expiresAtMs) =>
			call(
				() => `acquire lease ${id}`,
				() => leases.acquire(id, expiresAtMs),
				true,
			),
		renew: (id, expiresAtMs, syncedThroughMs) =>
			call(
				() => `renew lease ${id}`,
				() => leases.renew(id, expiresAtMs, syncedThroughMs),
			),
		seal: (id, seenExpiresAtMs) =>
			call(
				() => `seal lease ${id}`,
				() => leases.seal(id, seenExpiresAtMs),
				true,
			),
		listUnsealed: () =>
			call(
				() => 'list leases',
				() => leases.listUnsealed(),
			),
	};
}

export function feedOver(network: Network, node: Node, feed: Feed): Feed {
	const call = toControlTable(network, node);
	return {
		append: (entry) =>
			call(
				() => `announce ${entry.sessionId}`,
				() => feed.append(entry),
			),
		read: (fromMs, toMs) =>
			call(
				() => 'read feed',
				() => feed.read(fromMs, toMs),
			),
	};
}

export function copyKeysOver(network: Network, node: Node, keys: CopyKeys): CopyKeys {
	const call = toControlTable(network, node);
	return {
		publish: (key) =>
			call(
				() => `publish key ${key.id}`,
				() => keys.publish(key),
			),
		find: (id) =>
			call(
				() => `find key ${id}`,
				() => keys.find(id),
			),
	};
}

/** The name of a look at the markers of a session in transcripts. */
export function lookAt(id: SessionId): string {
	return `look who missed ${id}`;
}

export function markersOver(network: Network, node: Node, markers: Markers): Markers {
	const call = toControlTable(network, node);
	const callOnce = toControlTable(network, node, 1);
	return {
		open: (id, missing, at) =>
			call(
				() => `mark ${id} missed by ${missing.join(', ')}`,
				() => markers.open(id, missing, at),
			),
		look: (id) =>
			callOnce(
				() => lookAt(id),
				() => markers.look(id),
			),
		settle: (id, missing, version) =>
			call(
				() => `settle ${id} missed by ${missing}`,
				() => markers.settle(id, missing, version),
				true,
			),
	};
}

export function tallyCopiesOver(network: Network, node: Node, copies: TallyCopies): TallyCopies {
	const call = toControlTable(network, node);
	return {
		read: (of) =>
			call(
				() => `read the copy of the tally of ${of}`,
				() => copies.read(of),
			),
		raise: (of, to) =>
			call(
				() => `raise the copy of the tally of ${of}`,
				() => copies.raise(of, to),
			),
	};
}

function toControlTable(network: Network, node: Node, tries = 2) {
	const link: Link<never> = {
		...toTable('control'),
		tries,
		failed: (why) => Promise.reject(new Unreachable('control table', new Error(why))),
	};
	return <Result>(what: () => string, effect: () => Promise<Result>, witnessed = false) =>
		network.call(node, link, { what, effect, witnessed });
}

export function repositoryOver(network: Network, node: Node, repository: Repository): Repository {
	const { name } = repository;
	if (name === 'memory') throw new Error('the simulation names its repositories as production does');
	const link = { ...(name === 's3' ? toS3 : toTable('dynamodb')), failed: unavailable };
	const call: CallRepository = (what, effect, witnessed = false) =>
		network.call(node, link, { what: () => `${what()} in ${name}`, effect, witnessed });
	return {
		name,
		load: (id) =>
			call(
				() => `load ${id}`,
				() => repository.load(id),
			),
		merge: (id, propose, heldElsewhere) =>
			call(
				() => `merge ${id}`,
				() => repository.merge(id, propose, heldElsewhere),
				true,
			),
		quarantine: (id) =>
			call(
				() => `quarantine ${id}`,
				() => repository.quarantine(id),
			),
		list: (after) =>
			call(
				() => `list sessions after ${after}`,
				() => repository.list(after),
			),
		tally: {
			read: () =>
				call(
					() => `read the tally of ${repository.name}`,
					() => repository.tally.read(),
				),
			write: (tally, over) =>
				network.call(
					node,
					{ ...link, tries: 1 },
					{ what: () => `write the tally of ${name} in ${name}`, effect: () => repository.tally.write(tally, over) },
				),
		},
	};
}

type CallRepository = <Result>(
	what: () => string,
	effect: () => Promise<Result | Failed>,
	witnessed?: boolean,
) => Promise<Result | Failed>;

/** The loop of conditional writes is production code. Each of its calls travels separately. */
export function subjectsOver(network: Network, node: Node, items: EntryStore): SubjectIndex {
	const link = { ...toTable('dynamodb'), failed: unavailable };
	return createOptimisticIndex('dynamodb', {
		get: (subject) =>
			network.call(node, link, { what: () => `read sessions of ${subject}`, effect: () => items.get(subject) }),
		setAside: (subject) =>
			network.call(node, link, { what: () => `set aside ${subject}`, effect: () => items.setAside(subject) }),
		put: (subject, over, entries, used) =>
			network.call(node, link, {
				what: () => `write sessions of ${subject}`,
				effect: () => items.put(subject, over, entries, used),
			}),
	});
}

export function queueOver(network: Network, node: Node, queue: RepairQueue): RepairQueue {
	const link: Link<never> = {
		service: 'queue',
		latencyMs: 4,
		timeoutMs: 800,
		tries: 2,
		failed: (why) => Promise.reject(new Unreachable('repair queue', new Error(why))),
	};
	return {
		enqueue: (sessionId, missing) =>
			network.call(node, link, {
				what: () => `queue repair of ${sessionId} in ${missing.join(', ')}`,
				effect: () => queue.enqueue(sessionId, missing),
			}),
		enqueueSweep: (missing) =>
			network.call(node, link, {
				what: () => `queue a sweep for ${missing}`,
				effect: () => queue.enqueueSweep(missing),
			}),
	};
}

/** The bus as a session server reaches it. Each try may meet another instance. */
export function busOver(network: Network, node: Node, chooseInstance: () => { node: Node; bus: Bus }): InvokeBus {
	const link: Link<Answer> = {
		service: 'bus',
		latencyMs: 6,
		timeoutMs: 3_500,
		tries: 2,
		failed: (why) => ({ kind: 'unavailable', reason: `the bus ${why}`, receipt: { asked: [], degraded: true } }),
	};
	return (message, _withinMs, departed) => {
		let chosen = chooseInstance();
		return network.call(node, link, {
			what: () => `${message.operation}${'sessionId' in message ? ` ${message.sessionId}` : ''}`,
			...(departed && { departed }),
			at: () => {
				chosen = chooseInstance();
				return chosen.node;
			},
			effect: () => chosen.bus(message),
		});
	};
}

function unavailable(why: string): Failed & IndexFailed {
	return { kind: 'failed', reason: 'unavailable', cause: new Error(why) };
}

function toTable(service: ServiceName) {
	return { service, latencyMs: 2, timeoutMs: 500, tries: 2 };
}

const toS3 = { service: 's3', latencyMs: 12, timeoutMs: 600, tries: 2 } as const;
