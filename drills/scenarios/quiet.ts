import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import { profileDecision } from '../load/probes.ts';
import { watchStalls } from '../measures/stalls.ts';
import { atLeast, atMost, joinedReport, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Times pass faster here by this factor, so that the drill takes a minute instead of four. */
const faster = 4;
const staleMs = 2_000 / faster;

/** A deployment in which functions mostly stand still. */
interface Quiet {
	readonly name: string;
	readonly instances: number;
	readonly sessions: number;
	/** The time from one request to the next, before it is shortened. */
	readonly everyMs: number;
	readonly requests: number;
}

/** Two deployments begin without copies, and last for longer than a copy is used. */
const few: readonly Quiet[] = [
	{ name: '3 instances, every 5 s', instances: 3, sessions: 2, everyMs: 5_000, requests: 50 },
	{ name: '5 instances, every 8 s', instances: 5, sessions: 2, everyMs: 8_000, requests: 40 },
];

/** One instance with the default times, which are not shortened. */
const gapMs = 700;
const gapRequests = 40;
/** Of requests that are 0.7 s apart, every third comes more than 2 s after the last sync. */
const forced = Math.ceil(gapRequests / (Math.floor(2_000 / gapMs) + 1));

/**
 * Sends so few requests that no instance can renew its lease between two of them. Most decisions
 * must come from memory all the same, and nothing may look like a failure.
 */
export async function quiet(): Promise<Report> {
	// They mostly stand still, so they stand side by side.
	const reports = await Promise.all([...few.map(withFewRequests), withGaps()]);
	return joinedReport('quiet', reports);
}

function withFewRequests({ name, instances, sessions, everyMs, requests }: Quiet): Promise<Report> {
	const region = {
		instances,
		busInstances: 2,
		busInstancesAtStart: 1,
		sessionServerVariables: shortTimes,
		busVariables: shortTimes,
	};
	return onStage({ sessions, requestsMin: requests, load: { clients: 0 }, region }, async (stage) => {
		const answers = await askOneByOne(stage, everyMs / faster, requests);
		const share = (count: number) => (100 * count) / answers.length;
		const adopted = answers.filter(({ evidence }) => evidence?.source === 'failover');
		const failovers = adopted.filter(({ evidence }) => !evidence?.afterSleep);
		return stage.finish(name, () => [
			atMost('answers that did not let the client in', 0, countRefused(answers)),
			atLeast('answers from memory', 70, share(countFromMemory(answers)), ' %'),
			atMost('failovers, though nothing failed', 2, share(failovers.length), ' %'),
		]);
	});
}

const shortTimes = {
	LEASEHOLD_LEASE_DURATION_MS: `${10_000 / faster}`,
	LEASEHOLD_SKEW_MS: `${500 / faster}`,
	LEASEHOLD_MAX_STALENESS_MS: `${staleMs}`,
	LEASEHOLD_FEED_RETENTION_MS: `${1_200_000 / faster}`,
	LEASEHOLD_CARRIED_AGE_MS: `${900_000 / faster}`,
	LEASEHOLD_COPY_AGE_MS: `${300_000 / faster}`,
};

function withGaps(): Promise<Report> {
	const region = { instances: 1, busInstances: 1, busInstancesAtStart: 1 };
	return onStage({ sessions: 1, requestsMin: gapRequests, load: { clients: 0 }, region }, async (stage) => {
		const stalls = watchStalls();
		const answers = await askOneByOne(stage, gapMs, gapRequests);
		stalls.stop();
		const met = answers.filter((answer) => stalls.met(answer)).length;
		const waited = answers.filter(({ evidence }) => (evidence?.remoteCalls ?? 0) > 0).length;
		return stage.finish(`every ${gapMs} ms`, () => [
			atLeast('answers from memory', gapRequests - 1, countFromMemory(answers)),
			// A request that comes late leaves the bound behind by itself.
			atMost(`of ${gapRequests} requests waited for a sync`, forced + met, waited),
		]);
	});
}

/** Asks for the sessions in turn. Each request goes to the next instance. */
async function askOneByOne(stage: Stage, everyMs: number, requests: number): Promise<readonly ClientAnswer[]> {
	const { clients, sessions, load } = stage;
	const instances = await clients.instanceNames('session-server');
	const answers: ClientAnswer[] = [];
	const startedAt = performance.now();
	for (let index = 0; index < requests; index++) {
		await stage.wait(Math.max(0, startedAt + index * everyMs - performance.now()));
		// Every instance gets every session, one round of all instances after the other.
		const session = sessions[Math.floor(index / instances.length) % sessions.length] as ClientSession;
		answers.push(
			await clients.ask(session, 'GET', profileDecision, { target: instances[index % instances.length] ?? '' }),
		);
	}
	load.tally.requests += answers.length;
	return answers;
}

function countFromMemory(answers: readonly ClientAnswer[]): number {
	return answers.filter(({ evidence }) => evidence?.source === 'memory').length;
}

function countRefused(answers: readonly ClientAnswer[]): number {
	return answers.filter(({ status }) => status < 200 || status > 299).length;
}
