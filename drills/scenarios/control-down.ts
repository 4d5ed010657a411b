import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import type { RequestKind } from '../load/load.ts';
import { countStillAllowed, logInSome, statusesOf, writeEach } from '../load/probes.ts';
import { isAcknowledged } from '../load/writes.ts';
import { asksToRetry, createOutage } from '../measures/outage.ts';
import { quantile } from '../measures/quantile.ts';
import { converged, drain } from '../measures/repairs.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

/** Medians of a read within an AWS region. */
const latencies = { dynamodb: 4, s3: 25 };
/** The phases of the outage: the control table fails, and hangs. */
const faults = ['error', 'hang'] as const;
const phaseMs = 4_000;
/** Sessions that are ended while DynamoDB is down. */
const endedEach = 4;
/** Each request is a cold read during the outage, so there are fewer than in other drills. */
const requestsMin = 1_000;
const readsMin = 100;
/**
 * A request waits 1 s each for a sync and for reading a lease if the control table hangs. A look
 * that hangs takes 0.3 s, at most twice for each bus instance.
 */
const readMsMax = 3_500;
/** By then, bus instances try DynamoDB again, which is well. */
const circuitsClosedMs = 1_200;
/**
 * A repair that fails is postponed by 4, 8 and 16 s. It is tried twice while the control table is
 * down.
 */
const repairedMsMax = 45_000;

/**
 * DynamoDB misses logouts. Then it is back, and the control table is down, before the repairs have
 * given DynamoDB the logouts. No reader can know what DynamoDB missed, so each read asks both
 * repositories, and no ended session is let in (A3). Decisions continue, and changes wait.
 */
export function controlDown(): Promise<Report> {
	const missed = createOutage(['dynamodb']);
	const outage = createOutage(['control']);
	const tolerated = (answer: ClientAnswer, _session: ClientSession, kind: RequestKind) =>
		outage.touched(answer) && asksToRetry(answer) && kind === 'change';
	return onStage({ region: { latencies }, requestsMin, load: { tolerated } }, async (stage) => {
		const { clients, sessions, load } = stage;
		const seen = { readsMs: [] as number[], alone: 0 };
		load.onAnswer = (answer, _session, kind) => {
			const receipt = answer.evidence?.receipt;
			if (!outage.covered(answer) || kind === 'change' || receipt === undefined || answer.status !== 204) return;
			seen.readsMs.push(answer.elapsedMs);
			if (receipt.asked.length === 1) seen.alone++;
		};
		const ending = await logInSome(stage, 'ending', 2 * endedEach);
		const changing = await logInSome(stage, 'changing', 1);
		await stage.wait(1_500);

		await missed.begin(clients, 'error');
		const degraded = await writeEach(stage, { changing: [], ending: ending.slice(0, endedEach) }, 'without DynamoDB');
		await missed.end(clients);
		await stage.wait(circuitsClosedMs);
		let stillAllowed = 0;
		const refused: ClientAnswer[] = [];
		for (const [phase, fault] of faults.entries()) {
			const begunAt = performance.now();
			await outage.begin(clients, fault);
			if (phase === 0) {
				// Longer than the bound, so that no decision is from memory.
				await stage.wait(timingDefaults.maxStalenessMs);
				stillAllowed = await countStillAllowed(clients, ending.slice(0, endedEach));
			}
			const writes = await writeEach(stage, { changing, ending: ending.slice(endedEach) }, `during ${fault}`);
			refused.push(...writes.slice(1));
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await stage.waitUntil(() => seen.readsMs.length >= readsMin);
		await outage.end(clients);

		const drained = await drain(stage, repairedMsMax);
		const repeated = await writeEach(stage, { changing, ending: ending.slice(endedEach) }, 'after');
		await stage.wait(timingDefaults.maxStalenessMs);
		const allowedAfter = await countStillAllowed(clients, ending);
		const complete = degraded.slice(1).every(({ status }) => status === 202);
		return stage.finish(
			'control-down',
			async () => [
				mustHold('logouts that DynamoDB missed are acknowledged as degraded', complete, statusesOf(degraded)),
				atMost('of these sessions, those that an instance allows without the control table', 0, stillAllowed),
				atLeast('reads through the bus while the control table was down', readsMin, seen.readsMs.length),
				atMost('of these, those that one repository alone answered', 0, seen.alone),
				atMost('p99 of these reads', readMsMax, quantile(seen.readsMs, 0.99), ' ms'),
				mustHold('changes and logouts wait meanwhile', refused.every(asksToRetry), statusesOf(refused)),
				atMost('time until no repair was left', repairedMsMax, drained.afterMs, ' ms'),
				mustHold('logins, changes and logouts work again', repeated.every(isAcknowledged), statusesOf(repeated)),
				atMost('ended sessions that an instance still allows', 0, allowedAfter),
				...(await converged(stage, sessions.length + ending.length)),
			],
			changing,
		);
	});
}
