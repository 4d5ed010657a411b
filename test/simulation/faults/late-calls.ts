import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { busTryMs } from '../../../functions/system/time-budget.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { Clients } from '../world/clients.ts';
import type { Slot } from '../world/cluster.ts';
import { timeouts, timing } from '../world/settings.ts';
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

/**
 * A refusal overtakes an earlier answer, which still lets the client in. In half of the cases, the
 * end is not yet announced.
 */
export function overtakeAnswer(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [history] = live;
	trace?.(() => `*** overtaken answer to ${slot.node.place} about ${history.id}`);
	const onTime = delay(stage, slot, `read ${history.id}`, { backMs: 500 });
	// Less than the time limit of a call to the control table.
	const announced =
		draw < 0.5 ? [] : cluster.buses.map((bus) => delay(stage, bus, `announce ${history.id}`, { thereMs: 420 }));
	clients.look(history, slot);
	schedule.at(25, () => {
		onTime();
		clients.end(history, slot);
	});
	schedule.at(1_000, () => {
		for (const end of announced) end();
	});
	schedule.at(180, () => clients.use(history, slot, 'strictly'));
	for (let ms = 500; ms < 1_200; ms += 40) schedule.at(ms, () => clients.look(history, slot));
}

/**
 * The bus freezes when it has made the entry of a login. Another session of the subject ends all
 * others. The index is down when the login is tried again, or when the same bus continues.
 */
export function freezeLogin(stage: Stage, slot: Slot<SessionServer>, draw: number): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [asker] = live;
	network.afterSending(`write sessions of ${asker.subject}`, (bus) => {
		trace?.(() => `*** frozen login of ${asker.subject} at ${bus.name}`);
		// The entry is written before, and the record is not.
		schedule.at(6, () => bus.freeze(false));
		const triedAgain = draw < 0.5;
		const downMs = triedAgain ? busTryMs - 100 : 1_300;
		network.trouble(schedule.now() + downMs + indexDownMs);
		for (const ms of [60, 400, 900]) schedule.at(ms, () => clients.endOthers(asker, slot));
		schedule.at(downMs, () => {
			network.outages.set('dynamodb', 'refuses');
			if (!triedAgain) bus.thaw();
		});
		schedule.at(downMs + indexDownMs, () => {
			network.outages.delete('dynamodb');
			if (triedAgain) bus.thaw();
		});
	});
	clients.logIn(slot, undefined, asker.subject);
}

/**
 * The bus freezes when DynamoDB has decided for an author. S3 decides for another author of the
 * same version, while DynamoDB is down. Then the first one's message is tried again.
 */
export function repeatChange(stage: Stage, history: SessionHistory, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const change = clients.rivals(history);
	network.afterSending(`merge ${history.id} in dynamodb`, (bus) => {
		trace?.(() => `*** repeated change of ${history.id} at ${bus.name}`);
		network.trouble(schedule.now() + busTryMs + delayedForMs);
		// DynamoDB has the change by then, and S3 does not.
		schedule.at(3, () => {
			bus.freeze(false);
			network.outages.set('dynamodb', 'refuses');
		});
		for (const other of cluster.servers) if (other !== slot) schedule.at(20, () => change(other));
		schedule.at(rivalDecidedMs, () => network.outages.delete('dynamodb'));
		schedule.at(busTryMs + 300, bus.thaw);
	});
	change(slot);
}

/**
 * A session is used at one server only, and no repository learns of its use for longer than an idle
 * life. Then the bus has to learn of each use in turn.
 */
export function loseReports(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	clients.logInApart(slot, (history) => {
		trace?.(() => `*** lost reports of ${history.id} at ${slot.node.place}`);
		const lost = { thereMs: Number.POSITIVE_INFINITY };
		const ends = cluster.buses.map((bus) => delay(stage, bus, `merge ${history.id}`, lost, unreportedMs));
		schedule.at(unreportedMs, () => {
			for (const end of ends) end();
		});
		for (let ms = 0; ms < unreportedMs + reportedForMs; ms += usedEveryMs) {
			schedule.at(ms, () => clients.use(history, slot, 'strictly'));
			schedule.at(ms + usedEveryMs / 2, () => clients.look(history, slot));
		}
		for (const other of cluster.servers)
			schedule.at(unreportedMs + reportedForMs + usedEveryMs, () => clients.look(history, other));
	});
}

/** The last use of this time comes too late for a bus that knows only of the login. */
const unreportedMs = timeouts.idleMs + 6_000;
/** Until the judge expects that every server knows of the use. */
const reportedForMs = 14_000;
/** Longer than the interval of reports. */
const usedEveryMs = 2_300;

/**
 * A session ends the subject's others, but its message takes longer than clocks differ. Another
 * session begins meanwhile, which the message must spare.
 */
export function endOthersLate(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [asker] = live;
	trace?.(() => `*** late end of the others of ${asker.id} at ${slot.node.place}`);
	const laterMs = 2 * timing.skewMs + 150;
	const onTime = delay(stage, slot, 'revokeSubject', { thereMs: laterMs + 700 });
	clients.endOthers(asker, slot);
	schedule.at(laterMs, () => {
		onTime();
		clients.logIn(
			cluster.servers.find((other) => other !== slot),
			undefined,
			asker.subject,
		);
	});
}

/**
 * Longer than S3 takes to decide alone. Then there is time to notice that DynamoDB is well again.
 */
const rivalDecidedMs = 1_800;

/** Longer than a login takes. */
const indexDownMs = 900;

/**
 * A session ends while its answer is on its way to a server that learns of the end. Then that
 * server cannot ask the bus again.
 */
export function spoilAnswer(stage: Stage, slot: Slot<SessionServer>): void {
	const { clients, cluster, schedule, trace } = stage;
	const { network } = cluster;
	const live = liveSessions(clients);
	if (live === undefined) return;
	const [history, other] = live;
	trace?.(() => `*** spoiled answer to ${slot.node.place} about ${history.id}`);
	slot.kill();
	slot.restart();
	// The server gets its lease, and learns of changes from its second sync.
	clients.look(other, slot);
	schedule.at(150, () => clients.use(other, slot, 'strictly'));
	const cutOff = `${slot.node.place} bus`;
	schedule.at(300, () => {
		const onTime = delay(stage, slot, `read ${history.id}`, { backMs: 900 });
		clients.look(history, slot);
		schedule.at(40, onTime);
		schedule.at(60, () => clients.end(history, slot));
		schedule.at(700, () => clients.use(other, slot, 'strictly'));
		schedule.at(800, () => network.partitions.add(cutOff));
		schedule.at(delayedForMs, () => network.partitions.delete(cutOff));
	});
	for (let ms = 1_300; ms < delayedForMs; ms += 110) schedule.at(ms, () => clients.look(history, slot));
}

/** Longer than any of these delays lasts. */
const delayedForMs = 5_000;

/** Delays calls of the server that start with `what`. Returns a function that ends this. */
export function delay(
	{ cluster, schedule }: Stage,
	{ node }: Slot<unknown>,
	what: string,
	ms: { readonly thereMs?: number; readonly backMs?: number; readonly leavingMs?: number },
	forMs = delayedForMs,
): () => void {
	const added = { place: node.place, what, thereMs: 0, backMs: 0, ...ms };
	cluster.network.delays.add(added);
	cluster.network.trouble(schedule.now() + forMs);
	return () => void cluster.network.delays.delete(added);
}

/** The newest two sessions that nobody has ended. */
export function liveSessions({ sessions }: Clients): [SessionHistory, SessionHistory] | undefined {
	const [other, one] = sessions.filter(({ logoutBegunAt }) => logoutBegunAt === undefined).slice(-2);
	return one === undefined || other === undefined ? undefined : [one, other];
}
