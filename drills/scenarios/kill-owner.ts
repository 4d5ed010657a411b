import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { Answered } from '../load/clients.ts';
import { adoptedAfterMs, firstAdoption, quietSessions } from '../measures/adoption.ts';
import { atMost, holds, type Promised, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

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
		const adoptionMs = adoptedAfterMs(adopted, killedAt);
		return stage.finish(
			'kill-owner',
			(tally) => [
				...provesClaim1(adopted, adoptionMs),
				atMost(`calls that ${tally.warmAtLoad} warm decisions at load waited for`, 0, tally.warmWithCalls),
			],
			quiet,
		);
	});
}

/** Every element of claim 1, as the evidence of the first recovered request has it. */
function provesClaim1(adopted: Answered | undefined, adoptionMs: number): Promised[] {
	const evidence = adopted?.evidence;
	const { leaseDurationMs, skewMs } = timingDefaults;
	return [
		holds('a session of the dead owner was adopted', evidence?.source === 'failover', `${evidence?.source ?? 'never'}`),
		atMost('from death to adoption', leaseDurationMs + skewMs + 2_500, adoptionMs, ' ms'),
		holds(
			'by another instance than the one that failed',
			evidence?.lease !== undefined && evidence.lease.instanceId !== evidence.instanceId,
			`${evidence?.instanceId} for ${evidence?.lease?.instanceId}`,
		),
		holds(
			'its lease had expired, and is sealed',
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
