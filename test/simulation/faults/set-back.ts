import type { SessionHistory } from '../checks/history.ts';
import type { Node } from '../engine/node.ts';
import { liveSessions } from './late-calls.ts';
import type { Stage } from './stage.ts';

type Name = 'dynamodb' | 's3';

/**
 * Somebody deletes the repository, and restores it from a backup that is made now. In some cases,
 * a bus freezes with the tallies of that moment until the repository is back.
 *
 * @param draw in [0, 1), chooses the case
 */
export function setBack(stage: Stage, name: Name, draw: number): void {
	if (draw < 0.15) restoreLater(stage, name);
	else
		stage.cluster.network.afterSending(`read the copy of the tally of ${name}`, (node) => {
			node.freeze(false);
			restoreLater(stage, name, node);
		});
}

/** Longer than a bus may rely on a check of the tallies. */
const restoredAfterMs = 12_000;

/**
 * The backup is older than the last count of the tally that the control table has a copy of. One
 * repository is set back at a time, while the other one has all that was acknowledged.
 */
function restoreLater(stage: Stage, name: Name, frozen?: Node): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network, servers } = cluster;
	const backup = cluster.backUp(name);
	const ending = (frozen && liveSessions(clients)) ?? [];
	for (const [index, history] of ending.entries()) {
		const slot = servers[index];
		if (slot !== undefined) clients.end(history, slot);
	}
	tryLater(60);

	function tryLater(left: number): void {
		if (frozen !== undefined) network.trouble(schedule.now() + 500);
		if (left === 0) frozen?.thaw();
		else schedule.at(500, () => (backup.isOld() && cluster.mayDelete(name) ? remove() : tryLater(left - 1)));
	}

	function remove(): void {
		trace?.(() => `*** ${name} is deleted, for ${restoredAfterMs} ms`);
		cluster.delete(name);
		network.trouble(schedule.now() + restoredAfterMs);
		// Some of these wait at the bus that is frozen.
		schedule.at(restoredAfterMs - 30, () => useEverywhere(stage, ending, 0));
		schedule.at(restoredAfterMs, () => {
			const isSetBack = cluster.restore(name, backup);
			trace?.(() => `*** ${name} is back, ${isSetBack ? 'as it was at the backup' : 'with everything'}`);
			frozen?.thaw();
			if (!isSetBack) return;
			// Those that the backup may have as live.
			const ended = clients.sessions.filter(({ loggedOutAt }) => loggedOutAt !== undefined).slice(-5);
			useEverywhere(stage, ended, 130);
		});
	}
}

function useEverywhere(
	{ clients, cluster, schedule }: Stage,
	histories: readonly SessionHistory[],
	everyMs: number,
): void {
	for (const [index, history] of histories.entries())
		for (const [place, slot] of cluster.servers.entries())
			schedule.at(20 + everyMs * (index + place / 3), () => clients.use(history, slot, 'strictly'));
}
