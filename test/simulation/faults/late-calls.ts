import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { busTryMs } from '../../../functions/system/time-budget.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { Clients } from '../world/clients.ts';
import type { Slot } from '../world/cluster.ts';
import { timing } from '../world/settings.ts';
import type { Stage } from './stage.ts';

/* Answers of the bus, and acquisitions of leases, that take longer than what happens meanwhile. */

/** For this long, the control table refuses calls. */
const refusedMs = 120;

/**
 * A server starts while the control table refuses calls, and asks the bus for a session. The
 * session ends elsewhere before the answer comes and before the server's first sync.
 */
export function answerLate(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [history, other] = live;
	// Short of the overlap of the feed's readers, or beyond it.
	const syncMs = draw < 0.5 ? 1_500 : 2_500;
	trace?.(() => `*** late answer to ${slot.node.place} about ${history.id}`);
	slot.kill();
	slot.restart();
	const onTime = delay(stage, slot, `read ${history.id}`, { backMs: syncMs - 80 + 900 * draw });
	network.outages.set('control', 'refuses');
	// The first sync fails at once, and the next request starts none.
	clients.look(other, slot);
	schedule.at(60, () => clients.look(history, slot));
	const cutOff = `${slot.node.place} control`;
	schedule.at(refusedMs, () => {
		network.outages.delete('control');
		network.partitions.add(cutOff);
		clients.end(history, slot);
	});
	schedule.at(200, onTime);
	schedule.at(syncMs, () => {
		network.partitions.delete(cutOff);
		clients.look(other, slot);
	});
	for (let ms = syncMs + 100; ms < syncMs + 3_000; ms += 110) schedule.at(ms, () => clients.look(history, slot));
}

/**
 * All servers but one are gone, and their leases have expired. One of them starts again and asks
 * the bus for a session, which ends with a proof at the other server while the lease is being
 * acquired.
 */
export function acquireLate(stage: Stage, staying: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const others = cluster.servers.filter((slot) => slot !== staying);
	const [slot, ...rest] = others;
	if (slot === undefined) return;
	for (const other of others) other.kill();
	const startMs = timing.leaseDurationMs + timing.skewMs + 400;
	for (const other of rest) schedule.at(startMs + 1_500, other.restart);
	schedule.at(startMs, () => {
		slot.restart();
		const live = liveSessions(clients);
		if (live === undefined) return;
		const [history] = live;
		trace?.(() => `*** late acquisition of ${slot.node.place}, which asks for ${history.id}`);
		// Each is less than its time limit. The answer comes after the lease.
		const inTime = delay(stage, slot, 'acquire lease', { thereMs: 420 });
		const onTime = delay(stage, slot, `read ${history.id}`, { backMs: 550 + 300 * draw });
		clients.look(history, slot);
		schedule.at(15, () => clients.endEverywhere(history, slot));
		schedule.at(100, onTime);
		schedule.at(500, inTime);
		for (let ms = 450; ms < 1_500; ms += 35) schedule.at(ms, () => clients.look(history, slot));
	});
}

/** A refusal overtakes an earlier answer, which still lets the client in. */
export function overtakeAnswer(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, schedule, trace } = stage;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [history] = live;
	trace?.(() => `*** overtaken answer to ${slot.node.place} about ${history.id}`);
	const onTime = delay(stage, slot, `read ${history.id}`, { backMs: 500 });
	clients.look(history, slot);
	schedule.at(25, () => {
		onTime();
		clients.end(history, slot);
	});
	schedule.at(180, () => clients.use(history, slot, 'strictly'));
	for (let ms = 500; ms < 1_200; ms += 40) schedule.at(ms, () => clients.look(history, slot));
}

/**
 * The bus freezes when it has made the entry of a login. Another session of the subject ends all
 * others, and the index is down when the login is tried again.
 */
export function freezeLogin(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [asker] = live;
	network.afterSending(`write sessions of ${asker.subject}`, (bus) => {
		trace?.(() => `*** frozen login of ${asker.subject} at ${bus.name}`);
		// The entry is written before, and the record is not.
		schedule.at(6, () => bus.freeze(false));
		const triedAgainMs = busTryMs - 100;
		network.trouble(schedule.now() + triedAgainMs + indexDownMs);
		for (const ms of [60, 400, 900]) schedule.at(ms, () => clients.endOthers(asker, slot));
		schedule.at(triedAgainMs, () => network.outages.set('dynamodb', 'refuses'));
		schedule.at(triedAgainMs + indexDownMs, () => {
			network.outages.delete('dynamodb');
			bus.thaw();
		});
	});
	clients.logIn(slot, undefined, asker.subject);
}

/** Longer than a login takes. */
const indexDownMs = 900;

/** Longer than any of these delays lasts. */
const delayedForMs = 5_000;

/** Delays calls of the server that start with `what`. Returns a function that ends this. */
function delay(
	{ cluster, schedule }: Stage,
	{ node }: Slot<unknown>,
	what: string,
	ms: { readonly thereMs?: number; readonly backMs?: number },
): () => void {
	const added = { place: node.place, what, thereMs: 0, backMs: 0, ...ms };
	cluster.network.delays.add(added);
	cluster.network.trouble(schedule.now() + delayedForMs);
	return () => void cluster.network.delays.delete(added);
}

/** The newest two sessions that nobody has ended. */
function liveSessions({ sessions }: Clients): [SessionHistory, SessionHistory] | undefined {
	const [other, one] = sessions.filter(({ logoutBegunAt }) => logoutBegunAt === undefined).slice(-2);
	return one === undefined || other === undefined ? undefined : [one, other];
}
