import { timingDefaults } from '../../functions/control-table/timing.ts';
import { createCertainCopies } from '../load/certain-copies.ts';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import {
	askUntilAllowed,
	countStillAllowed,
	logInSome,
	profileDecision,
	statusesOf,
	writeEach,
} from '../load/probes.ts';
import { isAcknowledged, logOut } from '../load/writes.ts';
import { firstAdoption, quietSessions } from '../measures/adoption.ts';
import { asksToRetry, createOutage } from '../measures/outage.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

const { maxStalenessMs } = timingDefaults;
/** How many requests of each kind that needs the bus are sent in each phase. */
const probesEach = 4;
/** Sessions of the load that never change. So it is certain which instances have a copy of them. */
const unchangedSessions = 12;
/** The phases of the outage: Lambda fails, throttles, and cuts connections. */
const faults = ['error', 'throttle', 'reset'] as const;
const phaseMs = 2_000;
const fromMemoryMin = 1_000;

/**
 * The bus cannot be invoked for a while. Instances decide with the copies that they have in memory.
 * Every request that needs the bus is answered with 503, never with 401 and never with an allow
 * (I8). One instance is killed during the outage; its sessions need the bus as well.
 */
export function busDown(): Promise<Report> {
	const outage = createOutage(['lambda']);
	const copies = createCertainCopies(maxStalenessMs);
	const tolerated = (answer: ClientAnswer, session: ClientSession, kind: string) =>
		outage.touched(answer) && asksToRetry(answer) && (kind === 'change' || !copies.had(answer, session));
	return onStage({ region: { instances: 6 }, load: { unchanged: unchangedSessions, tolerated } }, async (stage) => {
		const { clients, sessions, load } = stage;
		const during = { fromMemory: 0, withCopy: 0, withCopyFailed: 0, refused: 0 };
		load.onAnswer = (answer, session, kind) => {
			if (outage.covered(answer)) {
				const had = kind !== 'change' && copies.had(answer, session);
				if (had) during.withCopy++;
				if (had && answer.status >= 500) during.withCopyFailed++;
				if (answer.evidence?.source === 'memory') during.fromMemory++;
				if (answer.status === 503) during.refused++;
			}
			copies.learn(answer, session);
		};
		const quiet = await quietSessions(stage);
		const owner = quiet[0]?.ownerProcess ?? '';
		const [held, cold] = [quiet.slice(0, probesEach), quiet.slice(probesEach, 2 * probesEach)];
		const [changing, ending] = [
			await logInSome(stage, 'changing', probesEach),
			await logInSome(stage, 'ending', probesEach),
		];
		const ended = sessions.slice(-probesEach);
		for (const session of ended) await logOut(clients, session);
		await stage.wait(1_500);

		const needingTheBus: ClientAnswer[] = [];
		let fromOwner = 0;
		for (const [phase, fault] of faults.entries()) {
			const begunAt = performance.now();
			await outage.begin(clients, fault);
			if (phase === 0)
				for (const session of held)
					if ((await clients.ask(session, 'GET', profileDecision, { target: owner })).status === 204) fromOwner++;
			if (phase === 0) await clients.control('POST', `/instances/${owner}/kill`, {});
			needingTheBus.push(...(await writeEach(stage, { changing, ending }, `during ${phase}`)));
			for (const session of [...held, ...cold]) needingTheBus.push(await clients.ask(session, 'GET', profileDecision));
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await stage.waitUntil(() => during.fromMemory >= fromMemoryMin);
		await outage.end(clients);

		// No client waits for the bus to recover: the very next request succeeds, however long a
		// busy machine takes for it.
		const refusedAfter = await askUntilAllowed(stage, [...held, ...cold]);
		const repeated = await writeEach(stage, { changing, ending }, 'after');
		const adopted = await firstAdoption(stage, quiet.slice(2 * probesEach));
		await stage.wait(maxStalenessMs);
		const stillAllowed = await countStillAllowed(clients, [...ended, ...ending]);
		const others = needingTheBus.filter((answer) => !asksToRetry(answer)).length;
		return stage.finish(
			'bus-down',
			() => [
				atLeast('decisions from memory during the outage', fromMemoryMin, during.fromMemory),
				atMost(`failures among ${during.withCopy} decisions by instances with a copy`, 0, during.withCopyFailed),
				atLeast('sessions that only their owner had in memory, and allowed', held.length, fromOwner),
				atLeast('requests of the load that needed the bus and got 503 with Retry-After', 1, during.refused),
				atMost(`answers other than this one to ${needingTheBus.length} writes and cold reads`, 0, others),
				atMost("refusals of the killed owner's sessions after the outage", 0, refusedAfter),
				mustHold(
					'logins, changes and logouts work after the outage',
					repeated.every(isAcknowledged),
					statusesOf(repeated),
				),
				mustHold(
					'an instance adopted a session of the killed owner',
					adopted !== undefined,
					adopted?.answer.evidence?.source ?? 'never',
				),
				atMost('ended sessions that an instance still allows', 0, stillAllowed),
			],
			[...quiet, ...changing],
		);
	});
}
