import type { Observer } from '../checks/observer.ts';
import type { Schedule } from '../engine/schedule.ts';
import type { Clients } from '../world/clients.ts';
import type { Cluster } from '../world/cluster.ts';

/** The parts of a run that faults strike. */
export interface Stage {
	readonly cluster: Cluster;
	readonly clients: Clients;
	readonly schedule: Schedule;
	readonly trace: Observer['trace'];
}
