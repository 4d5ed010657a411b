import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import { countStillAllowed, logInSome, statusesOf, writeEach } from '../load/probes.ts';
import { isAcknowledged, logOut } from '../load/writes.ts';
import { asksToRetry, createOutage, type Outage } from '../measures/outage.ts';
import { converged, drain, drainMsMax } from '../measures/repairs.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

const { maxStalenessMs, leaseDurationMs } = timingDefaults;
/** How many writes of each kind are sent in each phase. */
const writesEach = 4;
/**
 * The phases of the outage. The last one is the hardest to recover from, because calls that hang
 * continue to hang.
 */
const faults = ['error', 'throttle', 'reset', 'hang'] as const;
/** The phases together are longer than a lease. At the end, every lease has expired. */
const phaseMs = (leaseDurationMs + 400) / faults.length;
/**
 * A request's longest wait if every service hangs: 1 s each for a sync and for reading a lease, 7 s
 * for the bus.
 */
const answeredMsMax = 9_000;
/** A call to the bus that hangs is tried again after 3.5 s, and then succeeds. */
const firstBackMsMax = 4_000;
/** Longer for requests that waited for another service first, or for their turn. */
const allBackMsMax = 6_000;

/**
 * Everything but the session servers is down. They decide from memory until their last sync is
 * older than the staleness bound. After that every request is answered with 503, never with 401 and
 * never with an allow (I1, I8). When the services work again, the region recovers by itself.
 * DynamoDB also gets the writes that it missed before.
 */
export function everythingDown(): Promise<Report> {
	const outage = createOutage(['control', 'dynamodb', 's3', 'queue', 'lambda']);
	const tolerated = (answer: ClientAnswer) => outage.touched(answer) && asksToRetry(answer);
	return onStage({ region: { instances: 8, instancesAtStart: 4 }, load: { tolerated } }, async (stage) => {
		const { clients, sessions } = stage;
		const [ended, live] = [sessions.slice(-writesEach), sessions.slice(0, -writesEach)];
		const seen = watch(stage, outage, ended);
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
		const degraded = await writeEach(stage, missing, 'missed by DynamoDB');
		const refused: ClientAnswer[] = [];
		for (const fault of faults) {
			const begunAt = performance.now();
			await outage.begin(clients, fault);
			// A write that hangs takes longer than the phase.
			if (fault !== 'hang') refused.push(...(await writeEach(stage, writing, `during ${fault}`)));
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await outage.end(clients);

		for (let waited = 0; waited < allBackMsMax && live.some((session) => !seen.backAfterMs.has(session)); waited += 50)
			await stage.wait(50);
		const back = [...seen.backAfterMs.values()];
		const repeated = await writeEach(stage, writing, 'after');
		await drain(stage);
		const drainedMs = Math.round(performance.now() - outage.backMs());
		await stage.wait(maxStalenessMs);
		const stillAllowed = await countStillAllowed(clients, [...ended, ...writing.ending, ...missing.ending]);
		return stage.finish(
			'everything-down',
			async () => [
				mustHold(
					'writes are acknowledged while only DynamoDB is down',
					degraded.every(isAcknowledged),
					statusesOf(degraded),
				),
				atLeast('decisions from memory within the staleness bound, all down', 1, seen.withinBound),
				atMost('later or strict decisions, all down', 0, seen.beyondBound),
				atLeast('requests answered with 503 and Retry-After', 100, seen.refused),
				atMost('longest time that a request took', answeredMsMax, seen.longestMs, ' ms'),
				mustHold(
					'logins, changes and logouts get 503 with Retry-After',
					refused.every(asksToRetry),
					statusesOf(refused),
				),
				atMost('time from the end of the outage to the first allow', firstBackMsMax, Math.min(...back), ' ms'),
				atLeast('sessions allowed again', live.length, back.length),
				atMost('time from the end of the outage until all were', allBackMsMax, Math.max(...back), ' ms'),
				mustHold(
					'logins, changes and logouts work after the outage',
					repeated.every(isAcknowledged),
					statusesOf(repeated),
				),
				atMost('time from the end of the outage until no repair was left', drainMsMax, drainedMs, ' ms'),
				...(await converged(stage, sessions.length + 4 * writesEach)),
				atMost('ended sessions that an instance still allows', 0, stillAllowed),
			],
			[...writing.changing, ...missing.changing],
		);
	});
}

/**
 * Records the load's answers during the outage, and when each session is allowed again. An instance
 * that knows of the end of a session refuses it without a call.
 */
function watch({ load }: Stage, outage: Outage, ended: readonly ClientSession[]) {
	const seen = {
		withinBound: 0,
		beyondBound: 0,
		refused: 0,
		longestMs: 0,
		backAfterMs: new Map<ClientSession, number>(),
	};
	load.onAnswer = (answer, session, kind) => {
		const { status, sentAtMs, elapsedMs } = answer;
		const answeredAtMs = sentAtMs + elapsedMs;
		const isOver = status === 401 && ended.includes(session);
		if (outage.covered(answer) && !isOver) {
			// The last sync began before everything was down, so memory may be used for one bound
			// after that.
			const mayUseMemory = kind === 'bounded' && sentAtMs <= outage.downMs() + maxStalenessMs;
			if (status === 503) seen.refused++;
			else if (mayUseMemory) seen.withinBound++;
			else {
				seen.beyondBound++;
				if (status === 204) load.tally.wrongAllows++;
			}
		}
		if (outage.touched(answer)) seen.longestMs = Math.max(seen.longestMs, elapsedMs);
		const isAllowed = status === 204 && answeredAtMs > outage.backMs();
		if (isAllowed && !seen.backAfterMs.has(session)) seen.backAfterMs.set(session, answeredAtMs - outage.backMs());
	};
	return seen;
}
