import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { Fault } from '../../local/services/faults.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import { countStillAllowed, logInSome, writeEach } from '../load/probes.ts';
import { isAcknowledged } from '../load/writes.ts';
import { compareRepositories } from '../measures/compare-repositories.ts';
import { createOutage, type Outage } from '../measures/outage.ts';
import { quantile } from '../measures/quantile.ts';
import { converged, drain, drainMsMax, repairsQueued } from '../measures/repairs.ts';
import { atLeast, atMost, type Promised, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** The phases of the outage: the repository fails, hangs, and throttles. */
const faults: readonly Exclude<Fault, 'none'>[] = ['error', 'hang', 'throttle'];
/**
 * Long enough that every repair is tried more than once, and short enough that the queue gives none
 * up.
 */
const phaseMs = 3_400;
/**
 * Requests during the outage. With this many, the slowest percent of the warm decisions are
 * several.
 */
const requestsMin = 1_000;
/** Sessions that log in and are changed in each phase. Half of them log out again. */
const sessionsEach = 6;
const endedEach = sessionsEach / 2;
/**
 * One more than the load has clients, because a request that waits for a repository occupies its
 * instance.
 */
const instances = 5;
/** A write waits for both tries at the repository. */
const writeMsMax = 3_500;
/** All processes share one machine, so the retries of an outage also slow down warm decisions. */
const noiseFactor = 2;
const noiseMs = 15;

export const dynamoDbDown = () => repositoryDown('dynamodb', 'dynamodb-down');
export const s3Down = () => repositoryDown('s3', 's3-down');

/**
 * Takes one repository down under load, in several ways. Everything continues, including writes:
 * the other repository stores them, the bus acknowledges them and queues repairs. When the
 * repository works again, it gets what it missed, until both repositories have the same records
 * (I2, I6).
 */
function repositoryDown(repository: 'dynamodb' | 's3', scenario: string): Promise<Report> {
	const outage = createOutage([repository]);
	return onStage({ region: { instances } }, async (stage) => {
		const { clients, sessions } = stage;
		const seen = watch(stage, outage);
		const early = await logInSome(stage, 'early', endedEach * faults.length);
		await stage.wait(1_500);

		const late: ClientSession[] = [];
		const ended: ClientSession[] = [];
		const writes: ClientAnswer[] = [];
		for (const [phase, fault] of faults.entries()) {
			const begunAt = performance.now();
			await outage.begin(clients, fault);
			const changing = await logInSome(stage, `late-${fault}`, sessionsEach);
			const ending = [...early.slice(phase * endedEach, (phase + 1) * endedEach), ...changing.slice(0, endedEach)];
			writes.push(...(await writeEach(stage, { changing, ending }, `during ${fault}`)));
			late.push(...changing);
			ended.push(...ending);
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await stage.waitUntil(() => seen.requests >= requestsMin);
		const queued = await repairsQueued(stage);

		await outage.end(clients);
		const apart = (await compareRepositories(stage.region)).divergent.length;
		const underLoad = await drain(stage);
		await stage.wait(timingDefaults.maxStalenessMs);
		const stillAllowed = await countStillAllowed(clients, ended);
		const degraded = writes.filter(({ status }) => status === 202).length;
		return stage.finish(
			scenario,
			async () => [
				atLeast(`requests while ${repository} was down`, requestsMin, seen.requests),
				p99Unchanged(seen.warmBeforeMs, seen.warmMs),
				atLeast(
					'logins, changes and logouts acknowledged during the outage',
					writes.length,
					writes.filter(isAcknowledged).length,
				),
				atLeast('logouts acknowledged as degraded', ended.length, degraded),
				atMost(
					'longest time that one of these writes took',
					writeMsMax,
					Math.max(...writes.map(({ elapsedMs }) => elapsedMs)),
					' ms',
				),
				atLeast('repairs queued during the outage', late.length + writes.length, queued),
				atLeast('sessions that differed at the end of the outage', 1, apart),
				atMost('time from the end of the outage until no repair was left', drainMsMax, underLoad.afterMs, ' ms'),
				...(await converged(stage, sessions.length + early.length + late.length)),
				atMost('ended sessions that an instance still allows', 0, stillAllowed),
			],
			late,
		);
	});
}

/**
 * Counts the load's requests during the outage, and records how long warm decisions take before and
 * during it.
 */
function watch({ load }: Stage, outage: Outage) {
	const seen = { requests: 0, warmBeforeMs: [] as number[], warmMs: [] as number[] };
	load.onAnswer = (answer) => {
		const isCovered = outage.covered(answer);
		if (isCovered) seen.requests++;
		const isWarm = answer.evidence?.source === 'memory' && answer.evidence.remoteCalls === 0;
		if (isWarm && isCovered) seen.warmMs.push(answer.elapsedMs);
		else if (isWarm && !outage.touched(answer)) seen.warmBeforeMs.push(answer.elapsedMs);
	};
	return seen;
}

function p99Unchanged(beforeMs: readonly number[], duringMs: readonly number[]): Promised {
	const p99Ms = quantile(beforeMs, 0.99);
	const bar = Math.ceil(Math.max(noiseFactor * p99Ms, noiseMs));
	const name = `p99 of ${duringMs.length} warm decisions during the outage (before: ${p99Ms.toFixed(1)} ms)`;
	return atMost(name, bar, quantile(duringMs, 0.99), ' ms');
}
