import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientSession } from '../load/clients.ts';
import { logOut } from '../load/log-out.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Any two clocks differ by less than the margin. */
const withinMarginMs = [-200, 230, -120, 200];
/** Far beyond it: one instance lives in the future, one in the past, and then both are put right. */
const wildMs = [45_000, -45_000];
const roundsWithin = 25;
const endedCount = 10;
/** In each of the two parts: too few would prove nothing. */
const requestsEachMin = 1_000;

/**
 * Sets the clocks of instances apart: first within the skew margin, where everything holds, then far beyond it, where no
 * session and no change may be lost all the same (I12).
 */
export function clockSkew(): Promise<Report> {
	return onStage({}, async (stage) => {
		const { clients, sessions } = stage;
		const [servers, buses] = [await names(stage, 'session-server'), await names(stage, 'bus')];
		// Set forward and back again and again, under requests that are on their way.
		for (let round = 0; round < roundsWithin; round++) {
			for (const [index, name] of [...servers, ...buses].entries())
				await setClock(stage, name, withinMarginMs[(index + round) % withinMarginMs.length] ?? 0);
			await stage.wait(200);
		}
		const acknowledged = await logOutSome(stage, sessions.slice(0, endedCount));
		await stage.wait(timingDefaults.maxStalenessMs + 1_000);
		await stage.waitUntil(() => stage.load.tally.requests >= requestsEachMin);
		const [requestsWithin, wrongWithin] = [stage.load.tally.requests, stage.load.tally.wrongAllows];
		for (const [index, offsetMs] of wildMs.entries()) await setClock(stage, servers[index] ?? '', offsetMs);
		await stage.wait(4_000);
		// An instance that lives in the past takes no ID token from its future.
		const during = await clients.login('in-between', { target: servers[2] ?? '' });
		for (const name of servers) await setClock(stage, name, 0);
		await stage.wait(timingDefaults.maxStalenessMs + 1_000);
		await stage.waitUntil(() => stage.load.tally.requests - requestsWithin >= requestsEachMin);
		const revived = await countLetIn(stage, sessions.slice(0, endedCount));
		return stage.finish(
			'clock-skew',
			(tally) => [
				atLeast('requests with clocks within the margin', requestsEachMin, requestsWithin),
				atMost('wrong allows with clocks within the margin', 0, wrongWithin),
				atLeast('logouts acknowledged meanwhile', endedCount, acknowledged),
				atLeast('requests with clocks beyond the margin, and after', requestsEachMin, tally.requests - requestsWithin),
				atMost('ended sessions let in after the clocks were put right', 0, revived),
			],
			[during],
		);
	});
}

async function setClock({ clients }: Stage, name: string, offsetMs: number): Promise<void> {
	await clients.control('POST', `/instances/${name}/clock`, { offsetMs });
}

async function names({ clients }: Stage, functionName: string): Promise<readonly string[]> {
	const instances = (await clients.control('GET', '/instances')) as { name: string; function: string }[];
	return instances.filter((instance) => instance.function === functionName).map(({ name }) => name);
}

async function logOutSome(stage: Stage, ended: readonly ClientSession[]): Promise<number> {
	let acknowledged = 0;
	for (const session of ended) if ((await logOut(stage.clients, session)).status === 204) acknowledged++;
	return acknowledged;
}

async function countLetIn(stage: Stage, ended: readonly ClientSession[]): Promise<number> {
	let letIn = 0;
	for (const session of ended)
		if ((await stage.clients.ask(session, 'GET', '/v1/authorize?service=notes')).status !== 401) letIn++;
	return letIn;
}
