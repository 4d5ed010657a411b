import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { Slot } from '../world/cluster.ts';
import { timing } from '../world/settings.ts';
import { delay, liveSessions } from './late-calls.ts';
import { steadySpreadMs } from './plan.ts';
import type { Stage } from './stage.ts';

/* Servers that do not know of an end, and clients that present copies from before it. */

/**
 * A server starts right after a session has ended, and cannot read the feed. The copy that is
 * presented there is from before the end, and seems to be later than the start of the server:
 *
 * - In half of the cases, the bus freezes between its read and its signature.
 * - Otherwise, the clock of the bus is ahead, and that of the server behind.
 */
export function startUnread(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const found = actors(stage, slot);
	if (found === undefined) return;
	const { history, another, other } = found;
	const isLate = draw < 0.5;
	trace?.(() => `*** unread start of ${slot.node.place} after the end of ${history.id}`);
	slot.kill();
	if (isLate)
		network.afterSending(`announce ${history.id}`, (bus) => {
			bus.freeze(false);
			schedule.at(signedLateMs, bus.thaw);
		});
	else
		for (const bus of cluster.buses) {
			bus.kill();
			bus.restart();
			bus.node.clockOffsetMs = steadySpreadMs / 2;
		}
	network.trouble(schedule.now() + heldBackMs);
	clients.use(history, other, 'changing');
	schedule.at(120, () => clients.end(history, slot));
	const startMs = isLate ? 800 : 300;
	schedule.at(startMs, () => {
		slot.restart();
		if (!isLate) slot.node.clockOffsetMs = -steadySpreadMs / 2;
		network.withoutFeed.add(slot.node.place);
		const reachBus = cutOffFromBus(stage, slot);
		clients.look(another, slot);
		schedule.at(timing.maxStalenessMs, () => {
			network.withoutFeed.delete(slot.node.place);
			reachBus();
		});
	});
	// The end counts from then on, and the first sync of the server is good until then.
	const [fromMs, toMs] = [isLate ? signedLateMs + 50 : timing.maxStalenessMs + 180, startMs + timing.maxStalenessMs];
	present(stage, history, slot, fromMs, toMs);
}

/** Later than the margin after the server has started, and sooner than callers give up. */
const signedLateMs = 2_350;
const heldBackMs = 4_000;

/**
 * A server freezes while it reads the feed back, and the answer is lost. At the thaw, entries that
 * it has never read are gone, and it reads that part of the feed again.
 */
export function readBackLate(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, schedule, trace } = stage;
	const found = actors(stage, slot);
	if (found === undefined) return;
	const { history, another, other } = found;
	trace?.(() => `*** unread past of ${slot.node.place}, while ${history.id} ends`);
	slot.kill();
	slot.restart();
	const frozenMs = timing.feedRetentionMs - feedOverlapMs(timing) + 200 + 400 * draw;
	const lost = delay(stage, slot, 'read feed', { thereMs: Number.POSITIVE_INFINITY }, frozenMs + 1_000);
	clients.look(another, slot);
	schedule.at(100, () => slot.node.freeze(false));
	schedule.at(frozenMs - 6_000, () => clients.use(history, other, 'changing'));
	schedule.at(frozenMs - 4_500, () => clients.end(history, slot));
	schedule.at(frozenMs - 100, () => {
		lost();
		const onTime = delay(stage, slot, 'read feed', { backMs: 250 });
		const reachBus = cutOffFromBus(stage, slot);
		schedule.at(1_000, () => {
			onTime();
			reachBus();
		});
	});
	schedule.at(frozenMs, slot.node.thaw);
	schedule.at(frozenMs + 5, () => clients.look(another, slot));
	present(stage, history, slot, frozenMs + 400, frozenMs + 900);
}

/**
 * A server whose lease has expired reads the feed, and renews the lease late. Meanwhile a session
 * ends with a proof.
 */
export function renewLate(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const live = liveSessions(clients);
	const [staying, ...rest] = cluster.servers.filter((server) => server !== slot);
	if (live === undefined || staying === undefined) return;
	const [history] = live;
	trace?.(() => `*** late renewal of ${slot.node.place}, while ${history.id} ends`);
	const expiredMs = timing.leaseDurationMs + timing.skewMs + 300;
	for (const other of rest) {
		other.kill();
		schedule.at(expiredMs + 2_500, other.restart);
	}
	for (const ms of [0, 200]) schedule.at(ms, () => clients.look(history, slot));
	schedule.at(500, () => slot.node.freeze(false));
	schedule.at(500 + expiredMs, () => {
		const inTime = delay(stage, slot, 'renew lease', { thereMs: 380 + 60 * draw });
		schedule.at(300, inTime);
		slot.node.thaw();
		clients.look(history, slot);
		schedule.at(15, () => clients.endEverywhere(history, slot));
		for (let ms = 430; ms < 1_000; ms += 40) schedule.at(ms, () => clients.look(history, slot));
	});
}

/** A session that ends, another one, and the server where the first one ends. */
function actors({ clients, cluster }: Stage, slot: Slot<SessionServer>) {
	const live = liveSessions(clients);
	const other = cluster.servers.find((server) => server !== slot);
	if (live === undefined || other === undefined) return undefined;
	const [history, another] = live;
	return { history, another, other };
}

/** Returns a function that ends this. */
function cutOffFromBus({ cluster }: Stage, { node }: Slot<SessionServer>): () => void {
	const link = `${node.place} bus`;
	cluster.network.partitions.add(link);
	return () => void cluster.network.partitions.delete(link);
}

function present(
	{ clients, schedule }: Stage,
	history: SessionHistory,
	slot: Slot<SessionServer>,
	fromMs: number,
	toMs: number,
): void {
	for (let ms = fromMs; ms < toMs; ms += presentedEveryMs) schedule.at(ms, () => clients.carry(history, slot));
}

const presentedEveryMs = 20;
