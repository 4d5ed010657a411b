import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { Fault } from '../../local/services/service-conditions.ts';
import type { Answered, ClientSession } from '../load/clients.ts';
import { countLetIn } from '../load/log-out.ts';
import { isDone, logInSome, writeEach } from '../load/probes.ts';
import { compareRepositories } from '../measures/compare-repositories.ts';
import { createOutage, type Outage } from '../measures/outage.ts';
import { quantile } from '../measures/quantile.ts';
import { converged, drain, drainMsMax, repairsQueued } from '../measures/repairs.ts';
import { atLeast, atMost, type Promised, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** How the repository is away, one after the other: it fails, it hangs, it refuses. */
const faults: readonly Exclude<Fault, 'none'>[] = ['error', 'hang', 'throttle'];
/** Together so long that every repair is tried more than once meanwhile, and none so often that the queue gives it up. */
const phaseMs = 3_400;
/** So many requests while it is away: the slowest per cent of the warm decisions among them are some. */
const requestsMin = 1_000;
/** In each phase so many sessions log in and are changed, and half of them log out again. */
const sessionsEach = 6;
const endedEach = sessionsEach / 2;
/** One more than the load has clients: what waits for a repository holds its instance. */
const instances = 5;
/** A write waits for both tries at the repository, and the first one of an instance for its note. */
const writeMsMax = 3_500;
/** All processes share one machine, so what the load costs more in an outage, repetitions, is felt by warm decisions too. */
const noiseFactor = 2;
const noiseMs = 15;

export const dynamoDbDown = () => repositoryDown('dynamodb', 'dynamodb-down');
export const s3Down = () => repositoryDown('s3', 's3-down');

/**
 * Takes one repository away under load, in every way there is. Everything goes on, writes too: they are acknowledged by the
 * other one, with a repair queued. When the repository is back, it is given what it missed, until nobody could tell the two
 * apart (I2, I6).
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
		const writes: Answered[] = [];
		for (const [phase, fault] of faults.entries()) {
			const begunAt = performance.now();
			await outage.go(clients, fault);
			const changing = await logInSome(stage, `late-${fault}`, sessionsEach);
			const ending = [...early.slice(phase * endedEach, (phase + 1) * endedEach), ...changing.slice(0, endedEach)];
			writes.push(...(await writeEach(stage, { changing, ending }, `meanwhile ${fault}`)));
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
		const letIn = await countLetIn(clients, ended);
		const degraded = writes.filter(({ status }) => status === 202).length;
		return stage.finish(
			scenario,
			async () => [
				atLeast(`requests while ${repository} was away`, requestsMin, seen.requests),
				p99Unchanged('warm decisions', seen.warmBeforeMs, seen.warmMs),
				atLeast('logins, changes and logouts acknowledged meanwhile', writes.length, writes.filter(isDone).length),
				atLeast('of these, logouts acknowledged as degraded', ended.length, degraded),
				atMost(
					'longest that one of them took',
					writeMsMax,
					Math.max(...writes.map(({ elapsedMs }) => elapsedMs)),
					' ms',
				),
				atLeast('repairs queued meanwhile', late.length + writes.length, queued),
				atLeast('sessions that differed on its return', 1, apart),
				atMost('from its return until no repair was left', drainMsMax, underLoad.afterMs, ' ms'),
				...(await converged(stage, sessions.length + early.length + late.length)),
				atMost('ended sessions that any instance lets in', 0, letIn),
			],
			late,
		);
	});
}

/** What the load meets: requests while the repository is away, and how long decisions from memory take before and meanwhile. */
function watch({ load }: Stage, outage: Outage) {
	const seen = { requests: 0, warmBeforeMs: [] as number[], warmMs: [] as number[] };
	load.onAnswer = (answered) => {
		const isCovered = outage.covered(answered);
		if (isCovered) seen.requests++;
		const isWarm = answered.evidence?.source === 'memory' && answered.evidence.remoteCalls === 0;
		if (isWarm && isCovered) seen.warmMs.push(answered.elapsedMs);
		else if (isWarm && !outage.met(answered)) seen.warmBeforeMs.push(answered.elapsedMs);
	};
	return seen;
}

function p99Unchanged(what: string, beforeMs: readonly number[], meanwhileMs: readonly number[]): Promised {
	const p99Ms = quantile(beforeMs, 0.99);
	const bar = Math.ceil(Math.max(noiseFactor * p99Ms, noiseMs));
	return atMost(
		`p99 of ${meanwhileMs.length} ${what} meanwhile (else ${p99Ms.toFixed(1)} ms)`,
		bar,
		quantile(meanwhileMs, 0.99),
		' ms',
	);
}
