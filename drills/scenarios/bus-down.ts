import { timingDefaults } from '../../functions/control-table/timing.ts';
import { createCertainCopies } from '../load/certain-copies.ts';
import type { Answered, ClientSession } from '../load/clients.ts';
import { countLetIn, logOut } from '../load/log-out.ts';
import { askUntilLetIn, isDone, logInSome, statusesOf, writeEach } from '../load/probes.ts';
import { firstAdoption, quietSessions } from '../measures/adoption.ts';
import { createOutage, saysAskAgain } from '../measures/outage.ts';
import { atLeast, atMost, holds, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

const { maxStalenessMs } = timingDefaults;
/** Of each kind of request that needs the bus, in each phase. */
const probesEach = 4;
/** Sessions of the load that stay as they are, so that it is certain who has a copy of them. */
const unchangedSessions = 12;
/** How the bus is away, one after the other: the service fails, refuses, and cuts connections. */
const faults = ['error', 'throttle', 'reset'] as const;
const phaseMs = 2_000;
const fromMemoryMin = 1_000;

/**
 * The bus cannot be invoked for a while. What instances have in memory they decide with; what needs the bus is answered 503,
 * never 401 and never an allow (I8). An instance dies meanwhile: its sessions wait for the bus too.
 */
export function busDown(): Promise<Report> {
	const outage = createOutage(['lambda']);
	const copies = createCertainCopies(maxStalenessMs);
	const tolerated = (answered: Answered, session: ClientSession, kind: string) =>
		outage.met(answered) && saysAskAgain(answered) && (kind === 'change' || !copies.had(answered, session));
	return onStage({ region: { instances: 6 }, load: { unchanged: unchangedSessions, tolerated } }, async (stage) => {
		const { clients, sessions, load } = stage;
		const meanwhile = { fromMemory: 0, withCopy: 0, withCopyRefused: 0, refused: 0 };
		load.onAnswer = (answered, session, kind) => {
			if (outage.covered(answered)) {
				const had = kind !== 'change' && copies.had(answered, session);
				if (had) meanwhile.withCopy++;
				if (had && answered.status >= 500) meanwhile.withCopyRefused++;
				if (answered.evidence?.source === 'memory') meanwhile.fromMemory++;
				if (answered.status === 503) meanwhile.refused++;
			}
			copies.note(answered, session);
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

		const needingTheBus: Answered[] = [];
		let fromOwner = 0;
		for (const [phase, fault] of faults.entries()) {
			const begunAt = performance.now();
			await outage.go(clients, fault);
			if (phase === 0)
				for (const session of held)
					if ((await clients.ask(session, 'GET', notes, { target: owner })).status === 204) fromOwner++;
			if (phase === 0) await clients.control('POST', `/instances/${owner}/kill`, {});
			needingTheBus.push(...(await writeEach(stage, { changing, ending }, `meanwhile ${phase}`)));
			for (const session of [...held, ...cold]) needingTheBus.push(await clients.ask(session, 'GET', notes));
			await stage.wait(Math.max(0, phaseMs - (performance.now() - begunAt)));
		}
		await stage.waitUntil(() => meanwhile.fromMemory >= fromMemoryMin);
		await outage.end(clients);

		// Nothing waits for the bus to be well: the very next request finds it back, however long a busy machine takes for it.
		const refusedAfter = await askUntilLetIn(stage, [...held, ...cold]);
		const repeated = await writeEach(stage, { changing, ending }, 'afterwards');
		const adopted = await firstAdoption(stage, quiet.slice(2 * probesEach));
		await stage.wait(maxStalenessMs);
		const letIn = await countLetIn(clients, [...ended, ...ending]);
		const others = needingTheBus.filter((answered) => !saysAskAgain(answered)).length;
		return stage.finish(
			'bus-down',
			() => [
				atLeast('decisions from memory while the bus was away', fromMemoryMin, meanwhile.fromMemory),
				atMost(`of ${meanwhile.withCopy} requests to an instance with a copy: refused`, 0, meanwhile.withCopyRefused),
				atLeast('sessions that only their owner had a copy of: let in by it', held.length, fromOwner),
				atLeast('requests of the load that needed the bus: 503 with Retry-After', 1, meanwhile.refused),
				atMost(`of ${needingTheBus.length} logins, changes, logouts and cold reads: not that`, 0, others),
				atMost("requests for the dead owner's sessions that were refused after its return", 0, refusedAfter),
				holds('logins, changes and logouts work again', repeated.every(isDone), statusesOf(repeated)),
				holds('a session of the dead owner was adopted', adopted !== undefined, adopted?.evidence?.source ?? 'never'),
				atMost('ended sessions that any instance lets in', 0, letIn),
			],
			[...quiet, ...changing],
		);
	});
}

const notes = '/v1/authorize?service=notes';
