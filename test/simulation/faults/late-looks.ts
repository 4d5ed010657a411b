import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import type { Node } from '../engine/node.ts';
import type { Slot } from '../world/cluster.ts';
import { delay } from './late-calls.ts';
import type { Stage } from './stage.ts';

/** Within this time, a server that has just started asks the bus, and the bus asks a repository. */
const loadedMs = 80;
/** A repair takes less. The look is answered within the time that a read waits for it. */
const lookMs = 205;
/** Longer than the read takes. */
const readMs = 500;

/**
 * A repository missed a change of a session. When the repair begins, a server that has no copy asks
 * for the session. The bus loads the record before the repair has merged it, and its look at the
 * markers arrives when the repair has settled them.
 */
export function lookLate(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const whenItIsRepaired = (repair: Node, what: string): void => {
		const isMarked = cluster.openMarkers().some(({ id }) => what.includes(id));
		const history = clients.sessions.find(({ id }) => what.includes(id));
		if (repair.place !== 'repair' || history === undefined || !isMarked) {
			network.afterSending('look who missed', whenItIsRepaired);
			return;
		}
		trace?.(() => `*** late look of ${slot.node.place} at ${history.id}`);
		slot.kill();
		slot.restart();
		network.trouble(schedule.now() + readMs);
		repair.freeze(false);
		schedule.at(loadedMs, repair.thaw);
		const ends = cluster.buses.map((bus) =>
			delay(stage, bus, `look who missed ${history.id}`, { thereMs: lookMs }, readMs),
		);
		schedule.at(readMs, () => {
			for (const end of ends) end();
		});
		clients.look(history, slot);
		for (const ms of [readMs, 2 * readMs]) schedule.at(ms, () => clients.look(history, slot));
	};
	network.afterSending('look who missed', whenItIsRepaired);
}
