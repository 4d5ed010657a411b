import type { Bus } from '../../functions/bus/bus.ts';
import type { RepairQueue } from '../../functions/bus/repair-queue.ts';
import type { Feed } from '../../functions/leases/feed.ts';
import type { LeaseTable } from '../../functions/leases/lease-table.ts';
import type { Answer } from '../../functions/protocol/answers.ts';
import type { Ledger } from '../../functions/repositories/ledger.ts';
import type { Failed, Repository } from '../../functions/repositories/repository.ts';
import type { AskBus } from '../../functions/session-server/context.ts';
import { Unreachable } from '../../functions/system/unreachable.ts';
import type { Network, ServiceName } from './network.ts';
import type { Node } from './node.ts';

/*
 * The production ports, with the simulated network between a node and the memory adapters. Limits and tries are those of the
 * real adapters.
 */

export function leasesOver(network: Network, node: Node, leases: LeaseTable): LeaseTable {
	const call = toControlTable(network, node);
	return {
		read: (id) => call(`read lease ${id}`, () => leases.read(id)),
		acquire: (id, expiresAtMs) => call(`acquire lease ${id}`, () => leases.acquire(id, expiresAtMs)),
		renew: (id, expiresAtMs, syncedThroughMs) =>
			call(`renew lease ${id}`, () => leases.renew(id, expiresAtMs, syncedThroughMs)),
		seal: (id, seenExpiresAtMs) => call(`seal lease ${id}`, () => leases.seal(id, seenExpiresAtMs)),
		listUnsealed: () => call('list leases', () => leases.listUnsealed()),
	};
}

export function feedOver(network: Network, node: Node, feed: Feed): Feed {
	const call = toControlTable(network, node);
	return {
		append: (entry) => call(`announce ${entry.sessionId}`, () => feed.append(entry)),
		read: (fromMs, toMs) => call('read feed', () => feed.read(fromMs, toMs)),
	};
}

function toControlTable(network: Network, node: Node) {
	return <Result>(what: string, effect: () => Promise<Result>) =>
		network.call<Result>(node, {
			...toTable('control'),
			what,
			effect,
			failed: (why) => Promise.reject(new Unreachable('control table', new Error(why))),
		});
}

export function repositoryOver(network: Network, node: Node, repository: Repository): Repository {
	const { name } = repository;
	if (name === 'memory') throw new Error('the simulation names its repositories as production does');
	const limits = name === 's3' ? toS3 : toTable('dynamodb');
	const call = <Result>(what: string, effect: () => Promise<Result | Failed>) =>
		network.call<Result | Failed>(node, {
			...limits,
			what: `${what} in ${name}`,
			effect,
			failed: (why) => ({ kind: 'failed', reason: 'unavailable', cause: new Error(why) }),
		});
	return {
		name,
		load: (id) => call(`load ${id}`, () => repository.load(id)),
		merge: (id, propose, heldElsewhere) => call(`merge ${id}`, () => repository.merge(id, propose, heldElsewhere)),
		quarantine: (id) => call(`quarantine ${id}`, () => repository.quarantine(id)),
		ledger: ledgerOver(call, repository.ledger),
	};
}

function ledgerOver(
	call: <Result>(what: string, effect: () => Promise<Result | Failed>) => Promise<Result | Failed>,
	ledger: Ledger,
): Ledger {
	return {
		writeMarker: (missing, id) => call(`mark ${id} missed by ${missing}`, () => ledger.writeMarker(missing, id)),
		readMarker: (missing, id) => call(`look whether ${missing} missed ${id}`, () => ledger.readMarker(missing, id)),
		removeMarker: (missing, id, version) =>
			call(`unmark ${id} missed by ${missing}`, () => ledger.removeMarker(missing, id, version)),
		anyMarker: (missing) => call(`list what ${missing} missed`, () => ledger.anyMarker(missing)),
		readNote: (missing) => call(`look what ${missing} missed`, () => ledger.readNote(missing)),
		writeNote: (missing, state, over) =>
			call(state === 'open' ? `note that ${missing} missed a write` : `close the note about ${missing}`, () =>
				ledger.writeNote(missing, state, over),
			),
		removeNote: (missing, note) => call(`withdraw the note about ${missing}`, () => ledger.removeNote(missing, note)),
	};
}

export function queueOver(network: Network, node: Node, queue: RepairQueue): RepairQueue {
	return {
		enqueue: (sessionId, missing) =>
			network.call<void>(node, {
				service: 'queue',
				latencyMs: 4,
				timeoutMs: 800,
				tries: 2,
				what: `queue repair of ${sessionId} in ${missing.join(', ')}`,
				effect: () => queue.enqueue(sessionId, missing),
				failed: (why) => Promise.reject(new Unreachable('repair queue', new Error(why))),
			}),
	};
}

/** The bus as a session server reaches it: each try meets any of its instances. */
export function busOver(network: Network, node: Node, chooseInstance: () => { node: Node; bus: Bus }): AskBus {
	return (message) => {
		let chosen = chooseInstance();
		return network.call<Answer>(node, {
			service: 'bus',
			latencyMs: 6,
			timeoutMs: 3_500,
			tries: 2,
			what: `${message.operation}${'sessionId' in message ? ` ${message.sessionId}` : ''}`,
			at: () => {
				chosen = chooseInstance();
				return chosen.node;
			},
			effect: () => chosen.bus(message),
			failed: (why) => ({
				kind: 'unavailable',
				reason: `the bus ${why}`,
				receipt: { asked: [], degraded: true },
			}),
		});
	};
}

function toTable(service: ServiceName) {
	return { service, latencyMs: 2, timeoutMs: 500, tries: 2 };
}

const toS3 = { service: 's3', latencyMs: 12, timeoutMs: 600, tries: 2 } as const;
