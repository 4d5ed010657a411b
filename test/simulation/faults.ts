import { feedOverlapMs } from '../../functions/leases/timing.ts';
import type { Clients } from './clients.ts';
import type { Cluster, Slot } from './cluster.ts';
import type { ServiceName } from './network.ts';
import type { Node } from './node.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';
import { timing } from './settings.ts';

/** What goes wrong, when, and for how long. Times in milliseconds of the run. */
export interface Fault {
	readonly kind: FaultKind;
	readonly at: number;
	readonly forMs: number;
	/** Chooses among what the fault may strike. */
	readonly draw: number;
}

export const faultKinds = [
	'server crash',
	'bus crash',
	'server freeze',
	'server sleep',
	'bus freeze',
	'bus sleep',
	'repository outage',
	'control table outage',
	'queue outage',
	'bus outage',
	'message loss',
	'slow messages',
	'duplicated messages',
	'partition',
	'bus without a repository',
	'clock step',
	'clock jump',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/**
 * What clocks may do in a run. `steady`: they differ by less than the skew margin, and a frozen node's monotonic clock may stand
 * still. `stepping`: they are also set, within the margin, but then count every freeze: no clock tells of a freeze that
 * stops the one and in which the other is set back. `wild`: anything (I12).
 */
export type Clocks = 'steady' | 'stepping' | 'wild';

const excluded: Readonly<Record<Clocks, readonly FaultKind[]>> = {
	steady: ['clock step', 'clock jump'],
	stepping: ['server sleep', 'bus sleep', 'clock jump'],
	wild: ['clock step'],
};

/** A plan with `meanFaults` faults on average within `forMs`. */
export function planFaults(random: Random, meanFaults: number, forMs: number, clocks: Clocks): Fault[] {
	const kinds = faultKinds.filter((kind) => !excluded[clocks].includes(kind));
	const faults: Fault[] = [];
	let at = random.exponential(forMs / meanFaults);
	while (at < forMs) {
		const kind = random.pick(kinds);
		faults.push({ kind, at, forMs: 50 + random.exponential(random.chance(0.3) ? 12_000 : 2_500), draw: random.unit() });
		at += random.exponential(forMs / meanFaults);
	}
	return faults;
}

/** Within the margin, since true time is not among the clocks that must agree. */
export const steadySpreadMs = timing.skewMs * 0.9;

/** What faults strike. */
export interface Stage {
	readonly cluster: Cluster;
	readonly clients: Clients;
	readonly schedule: Schedule;
	trace(line: () => string): void;
}

/** Strikes with `fault`, and undoes it when its time is over. Some faults wait for the worst moment. */
export function strike(fault: Fault, stage: Stage): void {
	const { cluster, clients, schedule, trace } = stage;
	const { network } = cluster;
	begin();

	function choose<Item>(items: readonly Item[]): Item {
		const item = items[Math.floor(fault.draw * items.length)];
		if (item === undefined) throw new Error('there is nothing to strike');
		return item;
	}

	function lasting(undo: () => void, forMs = fault.forMs): void {
		trace(() => `*** ${fault.kind} for ${Math.round(forMs)} ms`);
		schedule.at(forMs, () => {
			trace(() => `*** ${fault.kind} is over`);
			undo();
		});
	}

	function begin(): void {
		switch (fault.kind) {
			case 'server crash':
				crash(choose(cluster.servers));
				break;
			case 'bus crash':
				crash(choose(cluster.buses));
				break;
			case 'server freeze':
				freezeServer(false);
				break;
			case 'server sleep':
				freezeServer(true);
				break;
			case 'bus freeze':
				freezeBus(false);
				break;
			case 'bus sleep':
				freezeBus(true);
				break;
			case 'repository outage':
				outage(choose(['dynamodb', 's3', 'dynamodb']));
				break;
			case 'control table outage':
				outage('control');
				break;
			case 'queue outage':
				outage('queue');
				break;
			case 'bus outage':
				outage('bus');
				break;
			case 'message loss':
				condition('loss', 0.15);
				break;
			case 'slow messages':
				condition('slowness', 0.5);
				break;
			case 'duplicated messages':
				condition('duplication', 0.5);
				break;
			case 'partition':
				cutOff(choose(cluster.servers), fault.forMs % 2 < 1.3 ? 'control' : 'bus');
				break;
			case 'bus without a repository':
				cutOff(choose(cluster.buses), fault.forMs % 2 < 1.4 ? 'dynamodb' : 's3');
				break;
			case 'clock step':
				stepBack();
				break;
			case 'clock jump':
				jump(choose([...cluster.servers, ...cluster.buses]));
				break;
		}
	}

	function crash(slot: Slot<unknown>): void {
		slot.kill();
		lasting(slot.restart);
	}

	function freeze(node: Node, clockStops: boolean, forMs = fault.forMs): void {
		trace(() => `${node.name} freezes`);
		node.freeze(clockStops);
		lasting(() => {
			trace(() => `${node.name} thaws`);
			node.thaw();
		}, forMs);
	}

	/** Right after it let a session in, which then changes elsewhere, and is tried again at the thaw. */
	function freezeServer(clockStops: boolean): void {
		clients.afterAllowing((history, slot) => {
			freeze(slot.node, clockStops);
			clients.disturb(history, slot, [fault.forMs + 10 * fault.draw, fault.forMs + 500 * fault.draw]);
		});
	}

	/** At any time; or with an announcement on its way, for longer than readers reach back, and not for longer than callers wait. */
	function freezeBus(clockStops: boolean): void {
		const forMs = feedOverlapMs(timing) + 1_400 * (2 * fault.draw - 1);
		if (fault.draw < 0.5) freeze(choose(cluster.buses).node, clockStops);
		else network.afterSending('announce', (node) => freeze(node, clockStops, forMs));
	}

	function outage(service: ServiceName): void {
		// Some outages answer with errors, some not at all.
		network.outages.set(service, fault.forMs % 2 < 1 ? 'refuses' : 'is silent');
		lasting(() => network.outages.delete(service));
	}

	function condition(name: 'loss' | 'slowness' | 'duplication', value: number): void {
		const before = network.conditions[name];
		network.conditions[name] = value;
		lasting(() => {
			network.conditions[name] = before;
		});
	}

	function cutOff({ node }: Slot<unknown>, service: ServiceName): void {
		const link = `${node.name} ${service}`;
		trace(() => `${node.name} cannot reach ${service}`);
		network.partitions.add(link);
		lasting(() => network.partitions.delete(link));
	}

	/** As far back as the margin allows, right after a session was let in, which ends elsewhere just then. */
	function stepBack(): void {
		clients.afterAllowing((history, { node, instance }) => {
			trace(() => `the clock of ${node.name} is set back by ${Math.round(node.clockOffsetMs + steadySpreadMs / 2)} ms`);
			node.clockOffsetMs = -steadySpreadMs / 2;
			const slot = cluster.servers.find((server) => server.instance === instance);
			if (slot !== undefined) clients.disturb(history, slot, [timing.maxStalenessMs + 150 + 250 * fault.draw]);
		});
	}

	/** Of a clock that need not agree with any other. */
	function jump({ node }: Slot<unknown>): void {
		const before = node.clockOffsetMs;
		const offsetMs = (fault.draw - 0.5) * 60_000;
		trace(() => `the clock of ${node.name} jumps by ${Math.round(offsetMs)} ms`);
		node.clockOffsetMs += offsetMs;
		lasting(() => {
			node.clockOffsetMs = before;
		});
	}
}
