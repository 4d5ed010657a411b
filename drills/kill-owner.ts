import { setTimeout as sleep } from 'node:timers/promises';
import { timingDefaults } from '../functions/leases/timing.ts';
import type { Answered, ClientSession } from './clients.ts';
import { atMost, holds, type Promised, type Report } from './report.ts';
import { onStage, type Stage } from './stage.ts';

/**
 * Kills a session's owner, and goes on. Claim 1 on real requests: another session server finds the owner's lease expired,
 * seals it, gets the session through the bus, and decides with it.
 */
export function killOwner(): Promise<Report> {
	return onStage({}, async (stage) => {
		const quiet = await quietSessions(stage);
		const [first] = quiet;
		if (first === undefined) throw new Error('there is no session to lose its owner');
		await stage.wait(1_000);
		await stage.clients.control('POST', `/instances/${first.ownerProcess}/kill`, {});
		const killedAt = performance.now();
		const adopted = await firstAdoption(stage, quiet);
		const adoptionMs = performance.now() - killedAt;
		return stage.finish(
			'kill-owner',
			(tally) => [
				...provesClaim1(adopted, adoptionMs),
				atMost(`calls that ${tally.warm} warm decisions waited for`, 0, tally.warmWithCalls),
			],
			quiet,
		);
	});
}

/** So many that one is left untouched for every look until the owner's lease has expired. */
const quietMax = 60;
const lookEveryMs = 250;

/** Sessions of one owner, which nobody uses until it is dead: no other instance has a copy. */
async function quietSessions({ clients }: Stage): Promise<readonly ClientSession[]> {
	const [target] = (await clients.control('GET', '/instances')) as { name: string; function: string }[];
	const sessions: ClientSession[] = [];
	for (let user = 0; user < quietMax; user++)
		sessions.push(await clients.login(`quiet-${user}`, target === undefined ? {} : { target: target.name }));
	return sessions;
}

/**
 * Uses one untouched session after the other until a session of the dead owner has been adopted, be it by one of these
 * requests or by the load. Before that each is borrowed, and none refused.
 */
async function firstAdoption({ clients, load }: Stage, quiet: readonly ClientSession[]): Promise<Answered | undefined> {
	const seen: { first?: Answered } = {};
	const look = (answered: Answered) => {
		if (answered.evidence?.source === 'failover') seen.first ??= answered;
	};
	load.onAnswer = look;
	for (const session of quiet) {
		const answered = await clients.ask(session, 'GET', '/v1/authorize?service=billing');
		load.tally.requests++;
		if (answered.status !== 204) load.tally.failed++;
		look(answered);
		if (seen.first !== undefined) break;
		await sleep(lookEveryMs);
	}
	return seen.first;
}

/** Every element of claim 1, as the evidence of the first recovered request has it. */
function provesClaim1(adopted: Answered | undefined, adoptionMs: number): Promised[] {
	const evidence = adopted?.evidence;
	const { leaseDurationMs, skewMs } = timingDefaults;
	return [
		holds('a session of the dead owner was adopted', evidence?.source === 'failover', `${evidence?.source ?? 'never'}`),
		atMost('from death to adoption', leaseDurationMs + skewMs + 1_000, Math.round(adoptionMs), ' ms'),
		holds(
			'by another instance than the one that failed',
			evidence?.lease !== undefined && evidence.lease.instanceId !== evidence.instanceId,
			`${evidence?.instanceId} for ${evidence?.lease?.instanceId}`,
		),
		holds(
			'which found its lease expired and sealed it',
			evidence?.lease?.standing === 'sealed' && evidence.lease.seal !== undefined,
			`${evidence?.lease?.standing}, ${evidence?.lease?.seal}, expired at ${evidence?.lease?.expiresAtMs ?? 'an unknown time'}`,
		),
		holds(
			'the bus chose a repository and said which',
			evidence?.receipt?.chosen !== undefined,
			`${evidence?.receipt?.chosen} of ${evidence?.receipt?.asked.map(({ repository, outcome }) => `${repository} (${outcome})`).join(', ')}`,
		),
		holds(
			'the adopter owns it in a later epoch',
			evidence !== undefined && evidence.owner.epoch > 1 && evidence.owner.instanceId === evidence.instanceId,
			`epoch ${evidence?.owner.epoch} of ${evidence?.owner.instanceId}`,
		),
		holds(
			'and decided with it whether the client may use the service',
			adopted?.status === 204 || adopted?.status === 403,
			`status ${adopted?.status}`,
		),
	];
}
