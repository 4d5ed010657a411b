import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../drills/measures/quantile.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import {
	allowedStatus,
	type BenchAnswer,
	type BenchSession,
	type Contender,
	latencies,
} from '../contenders/contender.ts';
import { withContenders } from '../contenders/with-contenders.ts';
import { type LeastProgram, leastProgram, startLeast } from '../least/start.ts';
import { latencyOf, type Step, steps } from '../least/steps.ts';
import { base, type Figure, figuresOf } from '../results/result.ts';
import type { Measured } from '../statistics/rounds.ts';
import { frozen, logInAt } from '../stories/story.ts';
import type { Benchmark } from './benchmark.ts';

const sizes = { small: { rounds: 2, each: 5 }, full: { rounds: 7, each: 25 } } as const;

/** A bus that was not asked for this long looks again whether a repository missed a change. */
const quietMs = 1_250;
/** From then on, the lease of an instance that was killed can be sealed. */
const sealableMs = timingDefaults.leaseDurationMs + timingDefaults.skewMs + 250;
/** An instance that is asked as often never sleeps long enough to lose its lease. */
const awakeMs = 1_000;
/** The bus has stored the new owner by then, so that it does not take the next request's time. */
const settledMs = 150;

/** The row of the sums. */
const callsAlone = 'its calls alone';

/** The time of a request, and that of the least program right before or after it. */
interface Pair {
	readonly leaseholdMs: number;
	readonly leastMs: number;
}
type Times = ReadonlyMap<Step, readonly Pair[]>;

/** Requests that memory has no answer for, over HTTP. */
export const cold: Benchmark = {
	what: 'login, change, logout, borrowed reads and failovers, and the least that each could take',
	contenders: [base],
	async run({ size, report }) {
		const { rounds, each } = sizes[size];
		// Two instances live through all rounds, and two die in each.
		const instances = 2 + 2 * rounds;
		const measured: Times[] = [];
		report(`starting ${leastProgram}`);
		const least = await startLeast(instances, frozen);
		try {
			await withContenders([base], { instances, rest: frozen, report }, async (contenders) => {
				const contender = contenders.get(base);
				if (contender === undefined) throw new Error(`${base} was not started.`);
				for (let round = 0; round < rounds; round++) {
					report(`round ${round + 1} of ${rounds}`);
					measured.push(await measureAll(contender, least, each));
				}
			});
		} finally {
			await least.stop();
		}
		const figures = (Object.keys(steps) as Step[]).flatMap((step) => figuresOfStep(step, measured));
		return { settings: { ...latencies, rounds, 'requests of each kind': each }, figures };
	},
};

function figuresOfStep(step: Step, rounds: readonly Times[]): readonly Figure[] {
	const pairs = rounds.flatMap((times) => {
		const each = times.get(step);
		return each === undefined ? [] : [each];
	});
	const above = (each: readonly Pair[]) => each.map(({ leaseholdMs, leastMs }) => leaseholdMs - leastMs);
	return figuresOf(
		step,
		{ p50: 'ms', p99: 'ms', 'above the least program': 'ms' },
		new Map<string, readonly Measured[]>([
			[
				base,
				pairs.map((each) => ({
					...quantilesOf(each.map(({ leaseholdMs }) => leaseholdMs)),
					'above the least program': quantile(above(each), 0.5),
				})),
			],
			[leastProgram, pairs.map((each) => quantilesOf(each.map(({ leastMs }) => leastMs)))],
			[callsAlone, pairs.map(() => ({ p50: latencyOf(steps[step]) }))],
		]),
		'nobody',
	);
}

function quantilesOf(times: readonly number[]): Measured {
	return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}

/** The same part of both regions: Leasehold's instance, and that of the least program. */
interface Place {
	readonly ours: string | undefined;
	readonly theirs: string | undefined;
}

async function measureAll(contender: Contender, least: LeastProgram, each: number): Promise<Times> {
	const times = new Map<Step, Pair[]>();
	const ours = await contender.instances();
	const theirs = await least.instances();
	const place = (index: number): Place => ({ ours: ours[index], theirs: theirs[index] });
	const [one, other, lost, alsoLost] = [place(0), place(1), place(2), place(3)];
	let isLeastFirst = false;

	/**
	 * Measures a request and the least program, and alternates who is first.
	 *
	 * @param act whether the request is of the wanted kind. Others do not count
	 */
	async function time(step: Step, { theirs }: Place, act: () => Promise<boolean>): Promise<void> {
		const timeLeast = () => timed(() => least.ask(steps[step], theirs));
		isLeastFirst = !isLeastFirst;
		const before = isLeastFirst ? await timeLeast() : undefined;
		let counts = false;
		const leaseholdMs = await timed(async () => {
			counts = await act();
		});
		const leastMs = before ?? (await timeLeast());
		if (counts) times.set(step, [...(times.get(step) ?? []), { leaseholdMs, leastMs }]);
	}
	function decideFrom(source: string, step: Step, session: BenchSession, at: Place): Promise<void> {
		return time(step, at, async () => (await decide(contender, session, at.ours)).source === source);
	}

	const sessions: BenchSession[] = [];
	for (let user = 0; user < each; user++)
		await time('a login', one, async () => {
			sessions.push(await contender.login(`cold-${user}-${performance.now()}`, one.ours));
			return true;
		});
	for (const session of sessions) {
		await time('a change of an attribute', one, async () => succeeded(await contender.change(session, 'x', one.ours)));
		await decideFrom('memory', 'a decision by the author of the change', session, one);
	}
	for (const session of sessions)
		await decideFrom('borrowed', 'the first decision at an instance, and the bus was just asked', session, other);
	for (const session of sessions) await time('a logout', one, async () => succeeded(await contender.logout(session)));
	for (const session of await logInAt(contender, Math.ceil(each / 5), one.ours)) {
		await delay(quietMs);
		await decideFrom(
			'borrowed',
			'the first decision at an instance, and the bus was asked before that',
			session,
			other,
		);
	}

	const [known] = await logInAt(contender, 1, other.ours);
	const orphans = await logInAt(contender, each, lost.ours);
	const [lastOrphan] = await logInAt(contender, 1, alsoLost.ours);
	if (known === undefined || lastOrphan === undefined) throw new Error('A session is missing.');
	for (const { ours, theirs } of [lost, alsoLost]) {
		await contender.control('POST', `/instances/${ours}/kill`, { when: 'now' });
		await least.kill(String(theirs));
	}
	for (const endsAtMs = performance.now() + sealableMs; performance.now() < endsAtMs; await delay(awakeMs)) {
		await decide(contender, known, other.ours);
		await least.ask({ own: [], invoked: [] }, other.theirs);
	}
	for (const [index, session] of orphans.entries()) {
		await decideFrom(
			'failover',
			index === 0
				? 'the first decision after the owner was lost, which seals its lease'
				: 'the first decision after the owner was lost, at the second session',
			session,
			other,
		);
		await delay(settledMs);
	}
	await decideFrom('failover', 'the same at an instance that slept for ten seconds', lastOrphan, one);
	return times;
}

async function timed(act: () => Promise<void>): Promise<number> {
	const begun = performance.now();
	await act();
	return performance.now() - begun;
}

/** @throws with the answer, if it is not a success */
function succeeded({ status, body }: BenchAnswer): true {
	if (status >= 300) throw new Error(`A request was answered ${status}: ${body}`);
	return true;
}

/** Without the copy that a client carries, which would need no call. */
async function decide(contender: Contender, session: BenchSession, target?: string): Promise<BenchAnswer> {
	session.carried = undefined;
	const answer = await contender.decide(session, target);
	if (answer.status !== allowedStatus) throw new Error(`A decision was answered ${answer.status}: ${answer.body}`);
	return answer;
}
