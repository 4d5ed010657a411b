import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import { profileDecision } from '../load/probes.ts';
import { adoptedAfterMs, firstAdoption, ownerAfter, quietSessions } from '../measures/adoption.ts';
import { atLeast, atMost, mustHold, type Promised, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Sessions of the owner whose clients carry copies. */
const carryingCount = 10;

/**
 * Kills a session's owner under load. Another session server finds the owner's lease expired, seals
 * it, gets the session through the bus, and decides with it. These are the elements of claim 1 of
 * US patent 8,051,179, on real requests. A session whose client carries a copy does not wait for
 * any of it.
 */
export function killOwner(): Promise<Report> {
	return onStage({ carrying: true }, async (stage) => {
		const quiet = await quietSessions(stage);
		const [first] = quiet;
		if (first === undefined) throw new Error('there is no session whose owner could be killed');
		const carrying: ClientSession[] = [];
		for (let user = 0; user < carryingCount; user++)
			carrying.push(await stage.clients.login(`carrying-${user}`, { target: first.ownerProcess, carries: true }));
		await stage.wait(1_000);
		await stage.clients.control('POST', `/instances/${first.ownerProcess}/kill`, {});
		const killedAt = performance.now();
		const carriedOver = await askEach(stage, carrying);
		const adopted = await firstAdoption(stage, quiet);
		const adoptionMs = adoptedAfterMs(adopted, killedAt);
		const owner = adopted === undefined ? undefined : await ownerAfter(stage, adopted);
		return stage.finish(
			'kill-owner',
			(tally) => [
				...failoverPromises(adopted?.answer, adoptionMs, owner),
				atLeast('sessions that were used at once elsewhere, by the copy of their client', carryingCount, carriedOver),
				atLeast('decisions with a carried copy', stage.sessions.length, tally.carried),
				atMost(
					`warm decisions that waited for a remote call, of ${tally.warmAtLoad} under load`,
					0,
					tally.warmWithCalls,
				),
			],
			[...quiet, ...carrying],
		);
	});
}

/** Uses sessions whose owner is down. Returns for how many the carried copy was enough. */
async function askEach({ clients, load }: Stage, sessions: readonly ClientSession[]): Promise<number> {
	let carried = 0;
	for (const session of sessions) {
		const { status, evidence } = await clients.ask(session, 'GET', profileDecision);
		load.tally.requests++;
		if (status !== 204) load.tally.failed++;
		if (status === 204 && evidence?.source === 'carried') carried++;
	}
	return carried;
}

/** Every element of the claim, taken from the evidence of the first decision after the failover. */
function failoverPromises(
	adopted: ClientAnswer | undefined,
	adoptionMs: number,
	after: Evidence | undefined,
): Promised[] {
	const evidence = adopted?.evidence;
	const lease = evidence?.lease;
	const receipt = evidence?.receipt;
	const asked = receipt?.asked.map(({ repository, outcome }) => `${repository} (${outcome})`).join(', ');
	const { leaseDurationMs, skewMs } = timingDefaults;
	return [
		mustHold(
			'an instance adopted a session of the killed owner',
			evidence?.source === 'failover',
			`${evidence?.source ?? 'never'}`,
		),
		atMost('time from the kill to the adoption', leaseDurationMs + skewMs + 2_500, adoptionMs, ' ms'),
		mustHold(
			'the adopting instance is not the one that failed',
			lease !== undefined && lease.instanceId !== evidence?.instanceId,
			`${evidence?.instanceId} for ${lease?.instanceId}`,
		),
		mustHold(
			'the lease of the failed instance had expired and is sealed',
			lease?.standing === 'sealed' && lease.seal !== undefined,
			`${lease?.standing}, ${lease?.seal}, expired at ${lease?.expiresAtMs ?? 'an unknown time'}`,
		),
		mustHold(
			'the bus chose a repository and named it',
			receipt?.chosen !== undefined,
			`${receipt?.chosen} of ${asked}`,
		),
		mustHold(
			'soon after, the adopting instance owns the session in a later epoch',
			after !== undefined && after.owner.epoch > 1 && after.owner.instanceId === evidence?.instanceId,
			`epoch ${after?.owner.epoch} of ${after?.owner.instanceId}`,
		),
		mustHold(
			'it decided with the session whether the client may use the service',
			adopted?.status === 204 || adopted?.status === 403,
			`status ${adopted?.status}`,
		),
	];
}
