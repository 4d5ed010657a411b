import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { Answered, ClientSession } from '../load/clients.ts';
import { countLetIn, logOut } from '../load/log-out.ts';
import { isDone, logInSome, statusesOf, writeEach } from '../load/probes.ts';
import { createOutage, type Outage, saysAskAgain } from '../measures/outage.ts';
import { converged, drain, drainMsMax } from '../measures/repairs.ts';
import { atLeast, atMost, holds, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

const { maxStalenessMs, leaseDurationMs } = timingDefaults;
/** Of each kind of write, in each phase. */
const writesEach = 4;
/** How all of it is away, one after the other. The last one is the hardest to come back from: calls that hang go on hanging. */
const faults = ['error', 'throttle', 'reset', 'hang'] as const;
/** Together longer than a lease: when the parts are back, every lease has run out, the instances' own too. */
const phaseMs = (leaseDurationMs + 400) / faults.length;
/** All that a request waits for when each part hangs: a sync and a look at a lease for 1 s each, the bus for 7 s. */
const answeredMsMax = 9_000;
/** A call to the bus that hangs is tried again after 3.5 s, and finds it back. */
const firstBackMsMax = 4_000;
/** Those that waited for another part before, or for their turn. */
const allBackMsMax = 6_000;

/**
 * Everything but the session servers is away. Memory decides until the last sync is older than the staleness bound; after that
 * every request is answered 503, never 401 and never an allow (I1, I8). When the parts are back the region recovers by itself,
 * with what DynamoDB had missed before.
 */
export function everythingDown(): Promise<Report> {
	const outage = createOutage(['control', 'dynamodb', 's3', 'queue', 'lambda']);
	const tolerated = (answered: Answered) => outage.met(answered) && saysAskAgain(answered);
	return onStage({ region: { instances: 8, instancesAtStart: 4 }, load: { tolerated } }, async (stage) => {
		const { clients, sessions } = stage;
		const seen = watch(stage, outage);
		const [ended, live] = [sessions.slice(-writesEach), sessions.slice(0, -writesEach)];
		for (const session of ended) await logOut(clients, session);
		const writing = {
			changing: await logInSome(stage, 'changing', writesEach),
			ending: await logInSome(stage, 'ending', writesEach),
		};
		const missing = {
			changing: await logInSome(stage, 'missing', writesEach),
			ending: await logInSome(stage, 'missed', writesEach),
		};

		await clients.control('PUT', '/services/dynamodb', { fault: 'error' });
		const degraded = await writeEach(stage, missing, 'what DynamoDB missed');
		const refused: Answered[] = [];
		for (const fault of faults) {
			const begunAt = performance.now();
			await outage.go(clients, fault);
			// One that hangs takes longer than the phase.
			if (fault !== 'hang') refused.push(...(await writeEach(stage, writing, `meanwhile ${fault}`)));
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await outage.end(clients);

		for (let waited = 0; waited < allBackMsMax && live.some((session) => !seen.backAfterMs.has(session)); waited += 50)
			await stage.wait(50);
		const back = [...seen.backAfterMs.values()];
		const repeated = await writeEach(stage, writing, 'afterwards');
		await drain(stage);
		const drainedMs = Math.round(performance.now() - outage.backMs());
		await stage.wait(maxStalenessMs);
		const letIn = await countLetIn(clients, [...ended, ...writing.ending, ...missing.ending]);
		return stage.finish(
			'everything-down',
			async () => [
				holds('writes that DynamoDB alone missed are acknowledged', degraded.every(isDone), statusesOf(degraded)),
				atLeast('then, with everything away, decisions from memory within the staleness bound', 1, seen.withinBound),
				atMost('decisions later than that, and strict ones', 0, seen.beyondBound),
				atLeast('requests answered 503 with Retry-After', 100, seen.refused),
				atMost('longest that a request took', answeredMsMax, seen.longestMs, ' ms'),
				holds('logins, changes and logouts are not acknowledged', refused.every(saysAskAgain), statusesOf(refused)),
				atMost('from the return until the first session was let in', firstBackMsMax, Math.min(...back), ' ms'),
				atLeast('sessions let in again', live.length, back.length),
				atMost('from the return until all of them were', allBackMsMax, Math.max(...back), ' ms'),
				holds('logins, changes and logouts work again', repeated.every(isDone), statusesOf(repeated)),
				atMost('and until no repair was left', drainMsMax, drainedMs, ' ms'),
				...(await converged(stage, sessions.length + 4 * writesEach)),
				atMost('ended sessions that any instance lets in', 0, letIn),
			],
			[...writing.changing, ...missing.changing],
		);
	});
}

/** What the load meets while everything is away, and when each session is decided about again. */
function watch({ load }: Stage, outage: Outage) {
	const seen = {
		withinBound: 0,
		beyondBound: 0,
		refused: 0,
		longestMs: 0,
		backAfterMs: new Map<ClientSession, number>(),
	};
	load.onAnswer = (answered, session, kind) => {
		const { status, sentAtMs, elapsedMs } = answered;
		const answeredAtMs = sentAtMs + elapsedMs;
		if (outage.covered(answered)) {
			// The last sync began before everything was away, so memory ends one bound after that.
			const mayUseMemory = kind === 'bounded' && sentAtMs <= outage.awayMs() + maxStalenessMs;
			if (status === 503) seen.refused++;
			else if (mayUseMemory) seen.withinBound++;
			else {
				seen.beyondBound++;
				if (status === 204) load.tally.wrongAllows++;
			}
		}
		if (outage.met(answered)) seen.longestMs = Math.max(seen.longestMs, elapsedMs);
		const isLetIn = status === 204 && answeredAtMs > outage.backMs();
		if (isLetIn && !seen.backAfterMs.has(session)) seen.backAfterMs.set(session, answeredAtMs - outage.backMs());
	};
	return seen;
}
