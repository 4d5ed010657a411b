import { quantile } from '../../drills/measures/quantile.ts';
import { createRandom } from '../../local/system/random.ts';
import { allowedStatus, type BenchSession, type Contender } from '../contenders/contender.ts';
import type { ContenderName } from '../contenders/programs.ts';
import { inParallel, sendWhenDue } from '../load/open-loop.ts';
import { planTraffic, type TrafficOptions } from '../load/traffic.ts';
import type { Measured } from '../statistics/rounds.ts';

/** Decisions are compared with each other, and so are changes. */
export const steadyUnits = {
	p50: 'ms',
	p95: 'ms',
	p99: 'ms',
	'change p50': 'ms',
	'remote calls per request': '',
	'answered from memory': '%',
	failed: '%',
} as const;

/**
 * Logs the sessions in.
 *
 * @param catchUpSeconds traffic that is not measured, before each round. While the others were
 * measured, the contender's clients were silent, and copies and cookies that last for minutes have
 * become old.
 * @returns measures one round: the same requests at the same moments for every contender
 */
export async function prepareSteady(
	contenders: ReadonlyMap<ContenderName, Contender>,
	traffic: TrafficOptions,
	report: (line: string) => void,
	catchUpSeconds = 0,
): Promise<(name: ContenderName, round: number) => Promise<Measured>> {
	const sessions = new Map<ContenderName, readonly BenchSession[]>();
	for (const [name, contender] of contenders) {
		report(`${name}: ${traffic.sessions} logins`);
		const users = Array.from({ length: traffic.sessions }, (_, user) => `user-${user}`);
		sessions.set(name, await inParallel(users, loginsAtOnce, (user) => contender.login(user)));
	}
	const measure = (name: ContenderName, seed: number, options: TrafficOptions) => {
		const contender = contenders.get(name);
		if (contender === undefined) throw new Error(`${name} was not started.`);
		return measureTraffic(contender, sessions.get(name) ?? [], seed, options);
	};
	report('warming up');
	for (const name of contenders.keys()) await measure(name, 0, { ...traffic, seconds: Math.min(3, traffic.seconds) });
	return async (name, round) => {
		if (catchUpSeconds > 0) await measure(name, -1 - round, { ...traffic, seconds: catchUpSeconds });
		return measure(name, round + 1, traffic);
	};
}

const loginsAtOnce = 8;

/** Sends the traffic of this seed to a contender. */
async function measureTraffic(
	contender: Contender,
	sessions: readonly BenchSession[],
	seed: number,
	traffic: TrafficOptions,
): Promise<Measured> {
	const before = sumOf(await contender.calls());
	const taken = await sendWhenDue(planTraffic(createRandom(seed), traffic), ({ session, kind }) => {
		const client = sessions[session];
		if (client === undefined) throw new Error(`There is no session ${session}.`);
		return kind === 'change' ? contender.change(client, `nickname-${seed}`) : contender.decide(client);
	});
	const calls = sumOf(await contender.calls()) - before;
	const decided = taken.filter(({ request }) => request.kind === 'decide');
	const changed = taken.filter(({ request }) => request.kind === 'change');
	const failed = taken.filter(({ answer: { status } }) => status < 200 || status > 299).length;
	const allowed = decided.filter(({ answer }) => answer.status === allowedStatus).map(({ tookMs }) => tookMs);
	const sources = decided.map(({ answer }) => answer.source);
	return {
		p50: quantile(allowed, 0.5),
		p95: quantile(allowed, 0.95),
		p99: quantile(allowed, 0.99),
		'change p50': quantile(
			changed.map(({ tookMs }) => tookMs),
			0.5,
		),
		'remote calls per request': calls / taken.length,
		failed: (100 * failed) / taken.length,
		...(sources.some((source) => source !== undefined)
			? { 'answered from memory': (100 * sources.filter((source) => source === 'memory').length) / sources.length }
			: {}),
	};
}

function sumOf(calls: Readonly<Record<string, number>>): number {
	return Object.values(calls).reduce((sum, count) => sum + count, 0);
}
