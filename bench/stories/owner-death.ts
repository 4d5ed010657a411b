import { quantile } from '../../drills/measures/quantile.ts';
import { allowedStatus, type Contender } from '../contenders/contender.ts';
import type { Measured } from '../statistics/rounds.ts';
import { failedShare, logInAt, type Told, tell, timeline } from './story.ts';

const perSecond = 25;

/** Kills the instance that began every session, while clients ask for them. */
export async function ownerDeath(contender: Contender, seconds: number) {
	const [owner] = await contender.instances();
	const sessions = await logInAt(contender, 30, owner);
	const deathMs = seconds * 250;
	const kill = () => contender.control('POST', `/instances/${owner}/kill`, { when: 'now' });
	const told = await tell(contender, sessions, { perSecond, seconds }, [{ atMs: deathMs, act: kill }]);
	return { measured: measuresOf(told, deathMs), ...timeline(told) };
}

function measuresOf(told: readonly Told[], deathMs: number): Measured {
	const after = told.filter(({ request }) => request.atMs >= deathMs);
	const allowed = after.filter(({ answer }) => answer.status === allowedStatus);
	const adopted = allowed.filter(({ answer }) => answer.source === 'failover').map(({ tookMs }) => tookMs);
	return {
		failed: failedShare(after),
		p50: quantile(
			allowed.map(({ tookMs }) => tookMs),
			0.5,
		),
		p99: quantile(
			allowed.map(({ tookMs }) => tookMs),
			0.99,
		),
		...(adopted.length === 0 ? {} : { 'adopting requests, p50': quantile(adopted, 0.5) }),
	};
}
