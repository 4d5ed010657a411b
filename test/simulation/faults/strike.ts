import { repairDelayMs } from '../../../functions/bus/writing/repair-queue.ts';
import { feedOverlapMs } from '../../../functions/control-table/timing.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { departureMs } from '../../../functions/system/time-budget.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { ServiceName } from '../engine/network.ts';
import type { Node } from '../engine/node.ts';
import type { Slot } from '../world/cluster.ts';
import { timing } from '../world/settings.ts';
import {
	acquireLate,
	answerLate,
	delay,
	endOthersLate,
	freezeLogin,
	loseReports,
	overtakeAnswer,
	repeatChange,
	spoilAnswer,
} from './late-calls.ts';
import { lookLate } from './late-looks.ts';
import { type Fault, steadySpreadMs } from './plan.ts';
import { setBack } from './set-back.ts';
import type { Stage } from './stage.ts';
import { readBackLate, renewLate, startUnread } from './unread-feed.ts';

/** The race for the sessions of a server that has crashed is over by then. */
const racedForMs = 2_000;

/** A change is repeated at the wrong moment for few sessions, so several are tried. */
const repeatedMax = 3;

/** Two tries at the control table, and the time to travel. */
const leaseGivenUpAfterMs = 1_030;

/**
 * Strikes with `fault` and undoes it when its time is over. Some faults wait for the worst moment.
 */
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
		trace?.(() => `*** ${fault.kind} for ${Math.round(forMs)} ms`);
		network.trouble(schedule.now() + forMs);
		schedule.at(forMs, () => {
			trace?.(() => `*** ${fault.kind} is over`);
			undo();
		});
	}

	function begin(): void {
		switch (fault.kind) {
			case 'server crash':
				crashServer();
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
			case 'all repositories down':
				outage('dynamodb');
				outage('s3');
				break;
			case 'control table outage':
				outage('control');
				logInMeanwhile();
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
				if (fault.forMs % 2 < 1.3) cutOffFromControl(choose(cluster.servers));
				else cutOff(choose(cluster.servers), 'bus');
				break;
			case 'unreadable feed':
				blockFeed();
				break;
			case 'bus without a repository':
				withoutRepository(choose(cluster.buses), fault.forMs % 2 < 1.4 ? 'dynamodb' : 's3');
				network.afterSending('mark ', () => tryChanging([0, 30, 60, 120, 250, 500]));
				if (fault.draw > 0.6) markLate(choose(cluster.buses));
				else lookLate(stage, choose(cluster.servers));
				if (fault.draw * 10 < 5) crashServer();
				break;
			case 'repository set back':
				setBack(stage, fault.draw < 0.7 ? 'dynamodb' : 's3', (10 * fault.draw) % 1);
				break;
			case 'clock step':
				stepBack();
				break;
			case 'clock jump':
				// The first half of the draws sets the clock back.
				if (fault.draw < 0.3) jumpDuringRead();
				else jump(choose([...cluster.servers, ...cluster.buses]));
				break;
			case 'late answer':
				answerLate(stage, choose(cluster.servers), fault.draw);
				break;
			case 'late acquisition':
				acquireLate(stage, choose(cluster.servers), fault.draw);
				break;
			case 'overtaken answer':
				clients.afterAllowing((_, slot) => overtakeAnswer(stage, slot, fault.draw));
				break;
			case 'spoiled answer':
				spoilAnswer(stage, choose(cluster.servers));
				break;
			case 'frozen login':
				freezeLogin(stage, choose(cluster.servers), fault.draw);
				break;
			case 'repeated change':
				for (let victim = 0; victim < repeatedMax; victim++)
					clients.afterAllowing((history, slot) => repeatChange(stage, history, slot));
				break;
			case 'late end of others':
				endOthersLate(stage, choose(cluster.servers));
				break;
			case 'lost reports':
				loseReports(stage, choose(cluster.servers));
				break;
			case 'unread start':
				startUnread(stage, choose(cluster.servers), fault.draw);
				break;
			case 'unread past':
				readBackLate(stage, choose(cluster.servers), fault.draw);
				break;
			case 'late renewal':
				renewLate(stage, choose(cluster.servers), fault.draw);
				break;
		}
	}

	function crash(slot: Slot<unknown>): void {
		slot.kill();
		lasting(slot.restart);
	}

	/**
	 * When its lease has expired, several others want its sessions at the same moment. In half of the
	 * cases, the messages that make them owners take long to leave.
	 */
	function crashServer(): void {
		const crashed = choose(cluster.servers);
		crash(crashed);
		const expiredMs = timing.leaseDurationMs + timing.skewMs + 600 * fault.draw;
		clients.race(expiredMs);
		const leavingMs = fault.forMs % 2 < 1 ? 0 : 2 * departureMs * ((10 * fault.draw) % 1);
		for (const other of cluster.servers)
			if (leavingMs > 0 && other !== crashed)
				schedule.at(expiredMs - 100, () => {
					const onTime = delay(stage, other, 'recover', { leavingMs });
					schedule.at(racedForMs, onTime);
				});
	}

	/** The session of a client that logs in now may get an owner without a lease. */
	function logInMeanwhile(): void {
		for (const part of [0.05, 0.4, 0.95]) schedule.at(part * fault.forMs, () => clients.logIn());
	}

	/**
	 * A client logs in at the server just before the server can get a lease again, so the session
	 * has an owner without a lease. Other servers adopt the session and have to notice when it
	 * changes.
	 */
	function cutOffFromControl(slot: Slot<SessionServer>): void {
		cutOff(slot, 'control');
		// A new instance has no lease yet.
		if (fault.draw > 0.3)
			schedule.at(fault.forMs - leaseGivenUpAfterMs - 50, () => {
				slot.kill();
				slot.restart();
			});
		schedule.at(fault.forMs - leaseGivenUpAfterMs, () =>
			clients.logIn(slot, (history) => {
				const usedAt = (afterMs: number, at: Slot<SessionServer>, how: 'strictly' | 'changing') =>
					schedule.at(afterMs, () => clients.use(history, at, how));
				for (const other of cluster.servers) usedAt(60, other, 'strictly');
				usedAt(200, slot, 'changing');
				for (const other of cluster.servers) usedAt(600, other, 'strictly');
			}),
		);
	}

	/**
	 * A session ends at another server, with a proof, while the server that has just let it in
	 * renews its lease but cannot read the feed.
	 */
	function blockFeed(): void {
		clients.afterAllowing((history, slot) => {
			network.withoutFeed.add(slot.node.place);
			lasting(() => network.withoutFeed.delete(slot.node.place), 2_200);
			clients.endEverywhere(history, slot);
			for (let ms = 500; ms < 2_200; ms += 90) schedule.at(ms, () => clients.look(history, slot));
		});
	}

	function tryChanging(atMs: readonly number[]): void {
		for (const ms of atMs) schedule.at(ms, clients.tryChanging);
	}

	function freeze(node: Node, clockStops: boolean, forMs = fault.forMs): void {
		trace?.(() => `${node.name} freezes`);
		node.freeze(clockStops);
		lasting(() => {
			trace?.(() => `${node.name} thaws`);
			node.thaw();
		}, forMs);
	}

	/**
	 * Right after the server let a session in. It changes elsewhere and is tried again at the thaw.
	 */
	function freezeServer(clockStops: boolean): void {
		clients.afterAllowing((history, slot) => {
			freeze(slot.node, clockStops);
			clients.disturb(history, slot, [fault.forMs + 10 * fault.draw, fault.forMs + 500 * fault.draw]);
		});
	}

	/**
	 * At any time, or while an announcement is on its way. Then it lasts longer than readers of the
	 * feed reach back, but not longer than callers wait.
	 */
	function freezeBus(clockStops: boolean): void {
		const forMs = feedOverlapMs(timing) + 1_400 * fault.draw;
		if (fault.draw < 0.3) freeze(choose(cluster.buses).node, clockStops);
		else
			network.afterSending('announce', (node) => {
				freeze(node, clockStops, forMs);
				tryChanging([forMs + 40, forMs + 400]);
			});
	}

	function outage(service: ServiceName): void {
		// In some outages the service answers with errors, in others it is silent.
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

	function cutOff({ node }: Slot<unknown>, service: ServiceName, forMs = fault.forMs): void {
		const link = `${node.place} ${service}`;
		trace?.(() => `${node.place} cannot reach ${service}`);
		network.partitions.add(link);
		lasting(() => network.partitions.delete(link), forMs);
	}

	/**
	 * Lasts until the first repairs come, while the repository misses more changes: to another
	 * session, and to the repaired session while its repair is frozen. Servers look at both
	 * sessions at the time when the marker could be settled and the change not repaired.
	 */
	function withoutRepository(bus: Slot<unknown>, service: 'dynamodb' | 's3'): void {
		const change = (history: SessionHistory, fromMs: number, toMs: number) => {
			// One of the changes may reach the bus without the repository.
			for (const slot of cluster.servers.slice(0, 2)) clients.use(history, slot, 'changing');
			// Once for each server, which has the session in memory afterwards.
			for (const [index, slot] of cluster.servers.entries()) {
				const part = (index + fault.draw) / cluster.servers.length;
				schedule.at(fromMs + part * (toMs - fromMs), () => clients.use(history, slot, 'strictly'));
			}
		};
		cutOff(bus, service, Math.max(fault.forMs, 2 * repairDelayMs));
		const [first, second] = clients.sessions.slice(-2);
		if (first !== undefined) change(first, 0, 1_000);
		if (second !== undefined) schedule.at(3_500, () => change(second, 3_000, repairDelayMs));
		const whileItIsRepaired = (repair: Node, what: string) => {
			const history = clients.sessions.find(({ id }) => what.includes(id));
			if (history === undefined || history.logoutBegunAt !== undefined) {
				network.afterSending('settle ', whileItIsRepaired);
				return;
			}
			freeze(repair, false, 2_000);
			change(history, 3_500, repairDelayMs + 1_000);
		};
		network.afterSending('settle ', whileItIsRepaired);
	}

	/**
	 * Markers of the bus arrive when it has given them up, and when they may be settled.
	 */
	function markLate({ node }: Slot<unknown>): void {
		const delay = { place: node.place, what: 'mark ', thereMs: 3_000 + 20_000 * fault.draw, backMs: 0 };
		network.delays.add(delay);
		lasting(() => network.delays.delete(delay), 6_000);
	}

	/**
	 * As far back as the margin allows, right after a session was let in that now ends elsewhere.
	 */
	function stepBack(): void {
		clients.afterAllowing((history, { node, instance }) => {
			trace?.(
				() => `the clock of ${node.name} is set back by ${Math.round(node.clockOffsetMs + steadySpreadMs / 2)} ms`,
			);
			node.clockOffsetMs = -steadySpreadMs / 2;
			const slot = cluster.servers.find((server) => server.instance === instance);
			if (slot !== undefined) clients.disturb(history, slot, [timing.maxStalenessMs + 150 + 250 * fault.draw]);
		});
	}

	/** Only clocks that need not agree with others jump. */
	function jump({ node }: Pick<Slot<unknown>, 'node'>): void {
		const before = node.clockOffsetMs;
		const offsetMs = (fault.draw - 0.5) * 60_000;
		trace?.(() => `the clock of ${node.name} jumps by ${Math.round(offsetMs)} ms`);
		node.clockOffsetMs += offsetMs;
		lasting(() => {
			node.clockOffsetMs = before;
		});
	}

	/** While a bus waits for a repository. */
	function jumpDuringRead(): void {
		network.afterSending('load', (node) => {
			if (cluster.buses.some((bus) => bus.node === node)) jump({ node });
		});
	}
}
