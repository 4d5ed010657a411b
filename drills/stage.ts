import { setTimeout as sleep } from 'node:timers/promises';
import { timingDefaults } from '../functions/control-table/timing.ts';
import { type Region, type RegionOptions, startRegion } from '../local/region.ts';
import { type ClientAnswer, type ClientSession, type Clients, createClients } from './load/clients.ts';
import { type ClientLoad, type LoadOptions, startLoad, type Tally } from './load/load.ts';
import { complaints } from './measures/complaints.ts';
import { countLost } from './measures/count-lost.ts';
import { asksToRetry } from './measures/outage.ts';
import { watchStalls } from './measures/stalls.ts';
import { atLeast, atMost, type Promised, type Report, reportOf } from './report.ts';

/** A drill continues until it has this many requests. Drills with costly requests ask for fewer. */
const requestsMinDefault = 5_000;

/** A busy machine needs a minute for what another machine does in seconds. */
const enoughMsMax = 60_000;

/** A region for one drill, with clients that put load on it. */
export interface Stage {
	readonly region: Region;
	readonly clients: Clients;
	/** The sessions of the load. It also uses those that a drill adds. */
	readonly sessions: ClientSession[];
	readonly load: ClientLoad;
	/** Lets the load continue for this long. */
	wait(ms: number): Promise<void>;
	/** Lets the load continue until `enough` is true, at most for a minute. */
	waitUntil(enough: () => boolean): Promise<void>;
	/**
	 * Lets the load continue until it has enough requests, ends it and counts what was lost. Then
	 * it calls `promises`.
	 *
	 * @param also sessions outside the load that must not be lost either
	 */
	finish(
		scenario: string,
		promises: (tally: Tally) => readonly Promised[] | Promise<readonly Promised[]>,
		also?: readonly ClientSession[],
	): Promise<Report>;
}

export interface StageOptions {
	readonly region?: RegionOptions;
	/** How many sessions the load uses. @default 24 */
	readonly sessions?: number;
	/** Whether the clients of half of the sessions carry copies. @default false */
	readonly carrying?: boolean;
	/** @default 5000 */
	readonly requestsMin?: number;
	readonly load?: Partial<LoadOptions>;
}

/** Runs `play` on a new stage, and takes the stage down in every case. */
export async function onStage(options: StageOptions, play: (stage: Stage) => Promise<Report>): Promise<Report> {
	// At least one bus instance per session server, so that requests at the same moment are not
	// throttled.
	const region = await startRegion({ instances: 4, busInstances: 8, busInstancesAtStart: 2, ...options.region });
	const clients = createClients(region);
	const { requestsMin = requestsMinDefault } = options;
	const stalls = watchStalls();
	let excused = 0;
	try {
		const sessions: ClientSession[] = [];
		for (let user = 0; user < (options.sessions ?? 24); user++)
			sessions.push(
				await clients.login(`user-${user}`, {
					assuranceLevel: user % 2 === 0 ? 1 : 2,
					carries: options.carrying === true && user % 4 < 2,
				}),
			);
		const load = startLoad(clients, sessions, {
			clients: 4,
			maxStalenessMs: timingDefaults.maxStalenessMs,
			...options.load,
			tolerated: (answer, session, kind) => options.load?.tolerated?.(answer, session, kind) || isExcused(answer),
		});
		return await play({ region, clients, sessions, load, wait: sleepFor, waitUntil, finish });

		function isExcused(answer: ClientAnswer): boolean {
			const isStalled = asksToRetry(answer) && stalls.met(answer);
			if (isStalled) excused++;
			return isStalled;
		}

		async function finish(
			scenario: string,
			promises: (tally: Tally) => readonly Promised[] | Promise<readonly Promised[]>,
			also: readonly ClientSession[] = [],
		): Promise<Report> {
			while (load.tally.requests < requestsMin) await sleep(50);
			await load.stop();
			// Until the staleness bound has passed, an instance may show a session without its last
			// change.
			await sleep(timingDefaults.maxStalenessMs + 100);
			const { tally } = load;
			const lostSessions = await countLost(clients, [...sessions, ...also]);
			const explained = tally.failures.length === 0 ? [] : [...tally.failures, ...(await complaints(clients))];
			for (const line of explained) process.stderr.write(`${scenario}: ${line}\n`);
			return reportOf({
				scenario,
				requests: tally.requests,
				failed: tally.failed,
				excused,
				stoodStillMs: Math.round(stalls.totalMs()),
				wrongAllows: tally.wrongAllows,
				lostSessions,
				promises: [
					atLeast('requests', requestsMin, tally.requests),
					atMost('failed requests', 0, tally.failed),
					atMost('wrong allows', 0, tally.wrongAllows),
					atMost('acknowledged sessions and changes that were lost', 0, lostSessions),
					...(await promises(tally)),
				],
			});
		}
	} finally {
		stalls.stop();
		clients.close();
		await region.stop();
	}
}

async function sleepFor(ms: number): Promise<void> {
	await sleep(ms);
}

async function waitUntil(enough: () => boolean): Promise<void> {
	const giveUpAt = performance.now() + enoughMsMax;
	while (!enough() && performance.now() < giveUpAt) await sleep(50);
}
