import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientSession } from '../load/clients.ts';
import { profileDecision } from '../load/probes.ts';
import { logOut } from '../load/writes.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Any two of these clocks differ by less than the skew margin. */
const withinMarginMs = [-200, 230, -120, 200];
/**
 * Far beyond the margin: one instance is in the future, one in the past. Then both are corrected.
 */
const wildMs = [45_000, -45_000];
const roundsWithin = 25;
const endedCount = 10;
/** In each of the two parts. Fewer requests would prove nothing. */
const requestsEachMin = 1_000;

/**
 * Sets the clocks of instances apart: first within the skew margin, where every promise holds, then
 * far beyond it. Even then no session and no change may be lost (I12).
 */
export function clockSkew(): Promise<Report> {
	return onStage({ carrying: true }, async (stage) => {
		const { clients, sessions } = stage;
		const [servers, buses] = [await clients.instanceNames('session-server'), await clients.instanceNames('bus')];
		// Move the clocks forward and back again and again, while requests are in progress.
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
		// The third instance has a correct clock. One in the past would refuse an ID token from its
		// future.
		const during = await clients.login('in-between', { target: servers[2] ?? '' });
		for (const name of servers) await setClock(stage, name, 0);
		await stage.wait(timingDefaults.maxStalenessMs + 1_000);
		await stage.waitUntil(() => stage.load.tally.requests - requestsWithin >= requestsEachMin);
		const revived = await countAllowed(stage, sessions.slice(0, endedCount));
		return stage.finish(
			'clock-skew',
			(tally) => [
				atLeast('decisions with a carried copy', sessions.length, tally.carried),
				atLeast('requests with clocks within the margin', requestsEachMin, requestsWithin),
				atMost('wrong allows with clocks within the margin', 0, wrongWithin),
				atLeast('logouts acknowledged within the margin', endedCount, acknowledged),
				atLeast(
					'requests with clocks beyond the margin and corrected clocks',
					requestsEachMin,
					tally.requests - requestsWithin,
				),
				atMost('ended sessions allowed after the clocks were corrected', 0, revived),
			],
			[during],
		);
	});
}

async function setClock({ clients }: Stage, name: string, offsetMs: number): Promise<void> {
	await clients.control('POST', `/instances/${name}/clock`, { offsetMs });
}

async function logOutSome(stage: Stage, ended: readonly ClientSession[]): Promise<number> {
	let acknowledged = 0;
	for (const session of ended) if ((await logOut(stage.clients, session)).status === 204) acknowledged++;
	return acknowledged;
}

async function countAllowed(stage: Stage, ended: readonly ClientSession[]): Promise<number> {
	let allowed = 0;
	for (const session of ended) if ((await stage.clients.ask(session, 'GET', profileDecision)).status !== 401) allowed++;
	return allowed;
}
