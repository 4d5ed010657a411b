import { setTimeout as sleep } from 'node:timers/promises';
import { timingDefaults } from '../functions/control-table/timing.ts';
import { type Region, type RegionOptions, startRegion } from '../local/region.ts';
import { type Answered, type ClientSession, type Clients, createClients } from './load/clients.ts';
import { type Load, type LoadOptions, startLoad, type Tally } from './load/load.ts';
import { complaints } from './measures/complaints.ts';
import { countLost } from './measures/count-lost.ts';
import { saysAskAgain } from './measures/outage.ts';
import { watchStalls } from './measures/stalls.ts';
import { atLeast, atMost, type Promised, type Report, reportOf } from './report.ts';

/** A drill runs on under at least so many requests, unless each of them is costly. */
const requestsMinUsually = 5_000;

/** A busy machine does in a minute what another one does in some seconds. */
const enoughMsMax = 60_000;

/** A region of its own, with clients at work, for one drill. */
export interface Stage {
	readonly region: Region;
	readonly clients: Clients;
	readonly sessions: readonly ClientSession[];
	readonly load: Load;
	/** Goes on under load for so long. */
	wait(ms: number): Promise<void>;
	/** Goes on under load until there was enough of what a promise is judged by, or for so long that it will not come. */
	waitUntil(enough: () => boolean): Promise<void>;
	/** Goes on under load until there were enough requests, ends it, counts what was lost, and then asks for the promises. */
	finish(
		scenario: string,
		promises: (tally: Tally) => readonly Promised[] | Promise<readonly Promised[]>,
		also?: readonly ClientSession[],
	): Promise<Report>;
}

export interface StageOptions {
	readonly region?: RegionOptions;
	readonly sessions?: number;
	readonly requestsMin?: number;
	readonly load?: Partial<LoadOptions>;
}

/** Runs `play` on a stage of its own, and takes the stage down whatever happens. */
export async function onStage(options: StageOptions, play: (stage: Stage) => Promise<Report>): Promise<Report> {
	// No fewer buses than session servers: those that ask at the same moment must not be refused for want of one.
	const region = await startRegion({ instances: 4, busInstances: 8, busInstancesAtStart: 2, ...options.region });
	const clients = createClients(region);
	const { requestsMin = requestsMinUsually } = options;
	const stalls = watchStalls();
	let excused = 0;
	try {
		const sessions: ClientSession[] = [];
		for (let user = 0; user < (options.sessions ?? 24); user++)
			sessions.push(await clients.login(`user-${user}`, { assuranceLevel: user % 2 === 0 ? 1 : 2 }));
		const load = startLoad(clients, sessions, {
			clients: 4,
			maxStalenessMs: timingDefaults.maxStalenessMs,
			...options.load,
			tolerated: (answered, session, kind) => options.load?.tolerated?.(answered, session, kind) || isExcused(answered),
		});
		return await play({ region, clients, sessions, load, wait: sleepFor, waitUntil, finish });

		function isExcused(answered: Answered): boolean {
			const isStalled = saysAskAgain(answered) && stalls.met(answered);
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
			// Until then an instance may show a session as it was before its last change.
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
					atMost('requests that failed', 0, tally.failed),
					atMost('wrong allows', 0, tally.wrongAllows),
					atMost('acknowledged sessions and changes lost', 0, lostSessions),
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
