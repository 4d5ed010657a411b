import type { Cluster, Slot } from './cluster.ts';
import type { ServiceName } from './network.ts';
import type { Random } from './random.ts';
import type { Schedule } from './schedule.ts';

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
	'repository outage',
	'control table outage',
	'queue outage',
	'bus outage',
	'message loss',
	'slow messages',
	'duplicated messages',
	'partition',
	'clock jump',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A plan with `meanFaults` faults on average within `forMs`. Clocks jump only where they need not agree. */
export function planFaults(random: Random, meanFaults: number, forMs: number, clocksAgree: boolean): Fault[] {
	const kinds = faultKinds.filter((kind) => kind !== 'clock jump' || !clocksAgree);
	const faults: Fault[] = [];
	let at = random.exponential(forMs / meanFaults);
	while (at < forMs) {
		const kind = random.pick(kinds);
		faults.push({ kind, at, forMs: 50 + random.exponential(random.chance(0.3) ? 12_000 : 2_500), draw: random.unit() });
		at += random.exponential(forMs / meanFaults);
	}
	return faults;
}

/** Strikes with `fault`, and undoes it when its time is over. */
export function strike(fault: Fault, cluster: Cluster, schedule: Schedule, trace: (line: () => string) => void): void {
	const { network } = cluster;
	const undo = begin();
	if (undo === undefined) return;
	trace(() => `*** ${fault.kind} for ${Math.round(fault.forMs)} ms`);
	schedule.at(fault.forMs, () => {
		trace(() => `*** ${fault.kind} is over`);
		undo();
	});

	function choose<Item>(items: readonly Item[]): Item {
		const item = items[Math.floor(fault.draw * items.length)];
		if (item === undefined) throw new Error('there is nothing to strike');
		return item;
	}

	function begin(): (() => void) | undefined {
		switch (fault.kind) {
			case 'server crash':
				return crash(choose(cluster.servers));
			case 'bus crash':
				return crash(choose(cluster.buses));
			case 'server freeze':
				return freeze(choose(cluster.servers), false);
			case 'server sleep':
				return freeze(choose(cluster.servers), true);
			case 'bus freeze':
				return freeze(choose(cluster.buses), fault.draw > 0.25 && fault.draw < 0.75);
			case 'repository outage':
				return outage(choose(['dynamodb', 's3', 'dynamodb']));
			case 'control table outage':
				return outage('control');
			case 'queue outage':
				return outage('queue');
			case 'bus outage':
				return outage('bus');
			case 'message loss':
				return condition('loss', 0.15);
			case 'slow messages':
				return condition('slowness', 0.5);
			case 'duplicated messages':
				return condition('duplication', 0.5);
			case 'partition':
				return partition();
			case 'clock jump':
				return jump(choose([...cluster.servers, ...cluster.buses]));
		}
	}

	function crash(slot: Slot<unknown>): () => void {
		slot.kill();
		return slot.restart;
	}

	function freeze({ node }: Slot<unknown>, clockStops: boolean): () => void {
		trace(() => `${node.name} freezes`);
		node.freeze(clockStops);
		return () => {
			trace(() => `${node.name} thaws`);
			node.thaw();
		};
	}

	function outage(service: ServiceName): () => void {
		// A few percent of an outage's length decide how it looks to those who call.
		network.outages.set(service, fault.forMs % 2 < 1 ? 'refuses' : 'is silent');
		return () => network.outages.delete(service);
	}

	function condition(name: 'loss' | 'slowness' | 'duplication', value: number): () => void {
		const before = network.conditions[name];
		network.conditions[name] = value;
		return () => {
			network.conditions[name] = before;
		};
	}

	function partition(): () => void {
		const { node } = choose([...cluster.servers, ...cluster.buses]);
		const service = choose<ServiceName>(['control', 's3', 'dynamodb', 'bus', 'control', 'dynamodb']);
		const link = `${node.name} ${service}`;
		trace(() => `${node.name} cannot reach ${service}`);
		network.partitions.add(link);
		return () => network.partitions.delete(link);
	}

	function jump({ node }: Slot<unknown>): () => void {
		const before = node.clockOffsetMs;
		const offsetMs = (fault.draw - 0.5) * 60_000;
		trace(() => `the clock of ${node.name} jumps by ${Math.round(offsetMs)} ms`);
		node.clockOffsetMs += offsetMs;
		return () => {
			node.clockOffsetMs = before;
		};
	}
}
