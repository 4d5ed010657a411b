import type { Receipt } from '../../functions/protocol/receipt.ts';
import { controlTableTryMs } from '../../functions/system/time-budget.ts';
import type { LogPage } from '../../local/lambda/log-buffer.ts';
import { type Death, deaths } from '../../local/services/connections.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import { profileDecision } from '../load/probes.ts';
import { isAcknowledged, logOut } from '../load/writes.ts';
import { repairsQueued } from '../measures/repairs.ts';
import { type Stalls, watchStalls } from '../measures/stalls.ts';
import { atLeast, atMost, joinedReport, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/**
 * Sessions of one subject. The bus loads the sessions of a list at once, and has as many idle
 * connections afterwards.
 */
const sessionCounts = [1, 3, 20];
/** Requests after each thaw. The first meets the dead connections, and so do later ones. */
const requestsEach = 6;
/** Connections die if an environment stands for longer. */
const afterMs = 1_000;
const standMs = 1_250;
/** If this process stands still for so long, the times of these requests say nothing. */
const stallMs = 100;
/** Nobody else may keep the functions from standing still. */
const noLoad = { sessions: 0, requestsMin: 3 * requestsEach * sessionCounts.length, load: { clients: 0 } };

/**
 * Lets every environment stand until all of its idle connections are dead, and asks again. No
 * request may notice: not a decision that needs the bus, not a login, and not a logout. There is
 * one instance of each function, so that every request meets the dead connections.
 */
export async function thaw(): Promise<Report> {
	// They mostly stand still, so they stand side by side.
	const reports = await Promise.all(deaths.map(thawAfter));
	return joinedReport('thaw', reports);
}

function thawAfter(death: Death): Promise<Report> {
	const region = {
		instances: 1,
		busInstances: 1,
		busInstancesAtStart: 1,
		// No copy is kept, so every decision needs the bus.
		sessionServerVariables: { LEASEHOLD_COPY_BYTES_MAX: '1' },
		rest: { connections: { deaths: [death], afterMs } },
	};
	return onStage({ ...noLoad, region }, async (stage) => {
		const stalls = watchStalls(stallMs);
		const answers: ClientAnswer[] = [];
		for (const count of sessionCounts) answers.push(...(await thawWith(stage, count)));
		stalls.stop();
		stage.load.tally.requests += answers.length;
		const bus = await answersOfBus(stage);
		const died = (await stage.clients.control('GET', '/connections')) as Record<Death, number>;
		const repairs = await repairsQueued(stage);
		return stage.finish(death, () => [
			atLeast('connections that died', connectionsMin, died[death]),
			atMost('answers of 5xx', 0, answers.filter(({ status }) => status === 0 || status >= 500).length),
			atMost('other refusals', 0, answers.filter((answer) => answer.status < 500 && !isAcknowledged(answer)).length),
			atMost('degraded answers of the bus', 0, bus.degraded),
			atMost('calls of a repository that failed', 0, bus.failed),
			atMost('repairs', 0, repairs),
			atMost(
				`of ${answers.length} requests, those that took as long as a lost try`,
				slowMax,
				countSlow(answers, stalls),
			),
		]);
	});
}

/** In each of the regions: one for each session of the largest list, before each of its thaws. */
const connectionsMin = 60;

/** Asks after three thaws: for decisions, logins and logouts. */
async function thawWith(stage: Stage, count: number): Promise<readonly ClientAnswer[]> {
	const { clients } = stage;
	const subject = `subject-${count}`;
	const sessions: ClientSession[] = [];
	for (let index = 0; index < count; index++) sessions.push(await clients.login(subject));
	const ending: ClientSession[] = [];
	for (let index = 0; index < requestsEach; index++) ending.push(await clients.login(`ending-${count}-${index}`));
	const [first] = sessions;
	if (first === undefined) throw new Error('a subject needs a session');
	const kinds: readonly ((index: number) => Promise<ClientAnswer>)[] = [
		() => clients.ask(first, 'GET', profileDecision),
		(index) => clients.tryLogin(`new-${count}-${index}`),
		(index) => logOut(clients, ending[index] ?? first),
	];
	const answers: ClientAnswer[] = [];
	for (const ask of kinds) {
		await clients.ask(first, 'GET', '/v1/sessions');
		await stage.wait(standMs);
		for (let index = 0; index < requestsEach; index++) answers.push(await ask(index));
	}
	return answers;
}

async function answersOfBus({ clients }: Stage): Promise<{ degraded: number; failed: number }> {
	const { entries } = (await clients.control('GET', '/logs')) as LogPage;
	const counts = { degraded: 0, failed: 0 };
	for (const { record } of entries) {
		const receipt = record?.['receipt'] as Receipt | undefined;
		if (receipt?.degraded) counts.degraded++;
		if (receipt?.asked.some(({ outcome }) => outcome === 'unavailable')) counts.failed++;
	}
	return counts;
}

/** A call on a silent connection waits for its time limit, of which this is the shortest. */
function countSlow(answers: readonly ClientAnswer[], stalls: Stalls): number {
	return answers.filter((answer) => answer.elapsedMs >= controlTableTryMs && !stalls.met(answer)).length;
}

/** On a busy machine, a request may be slow by itself. Lost tries would make several slow. */
const slowMax = 1;
