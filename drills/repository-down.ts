import { timingDefaults } from '../functions/leases/timing.ts';
import type { QueueCounts } from '../local/embedded-sqs.ts';
import type { ClientSession } from './clients.ts';
import { compareRepositories } from './compare-repositories.ts';
import { countLetIn, logOut } from './log-out.ts';
import { atLeast, atMost, holds, type Promised, type Report } from './report.ts';
import { onStage, type Stage } from './stage.ts';

/** Of each kind of write, while the repository is away. */
const writesMeanwhile = 8;
/** Long enough for repairs to be tried in vain more than once, five and nine seconds after they were queued. */
const awayMs = 10_000;
/** A repair that has failed for so long waits about as long again. */
const drainMsMax = 20_000;

export const dynamoDbDown = () => repositoryDown('dynamodb', 'dynamodb-down');
export const s3Down = () => repositoryDown('s3', 's3-down');

/**
 * Takes one repository away under load. Everything goes on, writes too: they are acknowledged by the other one, with a repair
 * queued. When the repository is back, it is given what it missed, until nobody could tell the two apart (I2, I6).
 */
function repositoryDown(repository: 'dynamodb' | 's3', scenario: string): Promise<Report> {
	return onStage({}, async (stage) => {
		const { clients, sessions, load } = stage;
		const early = sessions.slice(0, writesMeanwhile);
		await stage.wait(1_500);

		const awayAt = performance.now();
		const requestsBefore = load.tally.requests;
		await clients.control('PUT', `/services/${repository}`, { fault: 'error' });
		const late: ClientSession[] = [];
		for (let user = 0; user < 2 * writesMeanwhile; user++) late.push(await clients.login(`late-${user}`));
		const changed = await change(stage, late);
		const ended = [...early, ...late.slice(0, writesMeanwhile)];
		const degraded = await logOutAll(stage, ended);
		await stage.wait(Math.max(0, awayMs - (performance.now() - awayAt)));
		const requestsMeanwhile = load.tally.requests - requestsBefore;
		const queued = await repairsQueued(stage);

		await clients.control('PUT', `/services/${repository}`, { fault: 'none' });
		const apart = (await compareRepositories(stage.region)).divergent.length;
		const underLoad = await drain(stage);
		await stage.wait(timingDefaults.maxStalenessMs);
		const letIn = await countLetIn(clients, ended);
		return stage.finish(
			scenario,
			async () => [
				atLeast(`requests while ${repository} was away`, 1_000, requestsMeanwhile),
				atLeast('logins acknowledged meanwhile', late.length, late.length),
				atLeast('changes acknowledged meanwhile', late.length, changed),
				atLeast('logouts acknowledged meanwhile, as degraded', ended.length, degraded),
				atLeast('repairs queued meanwhile', late.length + changed + degraded, queued),
				atLeast('sessions that differed on its return', 1, apart),
				atMost('from its return until no repair was left', drainMsMax, underLoad.afterMs, ' ms'),
				...(await converged(stage)),
				atMost('ended sessions that any instance lets in', 0, letIn),
			],
			late,
		);
	});
}

/** Each session gets a note. Returns how many of these changes were acknowledged. */
async function change({ clients }: Stage, changing: readonly ClientSession[]): Promise<number> {
	let acknowledged = 0;
	for (const [index, session] of changing.entries()) {
		const note = `changed meanwhile ${index}`;
		const { status } = await clients.ask(session, 'PATCH', '/v1/session', { body: { attributes: { note } } });
		if (status !== 200) continue;
		session.note = note;
		acknowledged++;
	}
	return acknowledged;
}

/** Returns how many logouts were acknowledged with the word that one repository does not have them yet. */
async function logOutAll({ clients }: Stage, ended: readonly ClientSession[]): Promise<number> {
	let degraded = 0;
	for (const session of ended) if ((await logOut(clients, session)).status === 202) degraded++;
	return degraded;
}

async function repairsQueued({ clients }: Stage): Promise<number> {
	const services = (await clients.control('GET', '/services')) as { queue: { calls: Record<string, number> } };
	return services.queue.calls['SendMessage'] ?? 0;
}

interface Drained extends QueueCounts {
	readonly afterMs: number;
}

async function drain({ clients, wait }: Stage): Promise<Drained> {
	const begun = performance.now();
	for (;;) {
		const { repairs } = (await clients.control('GET', '/queues')) as { repairs: QueueCounts };
		const afterMs = Math.round(performance.now() - begun);
		if (repairs.waiting + repairs.inFlight === 0 || afterMs > drainMsMax) return { ...repairs, afterMs };
		await wait(100);
	}
}

/** After the load: what it left behind is drained, and the repositories are laid side by side. */
async function converged(stage: Stage): Promise<readonly Promised[]> {
	const { waiting, inFlight, dead } = await drain(stage);
	const { sessions, divergent } = await compareRepositories(stage.region);
	return [
		atMost('repairs left at the end', 0, waiting + inFlight),
		atMost('repairs given up', 0, dead),
		atLeast('sessions in the repositories', stage.sessions.length + 2 * writesMeanwhile, sessions),
		holds('and each has the same record in both', divergent.length === 0, `${divergent.length} differ`),
	];
}
