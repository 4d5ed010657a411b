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
import { base, type Figure, figuresOf } from '../results/result.ts';
import { inRounds, type Measured } from '../statistics/rounds.ts';
import { frozen, logInAt } from '../stories/story.ts';
import type { Benchmark } from './benchmark.ts';

const sizes = { small: { rounds: 1, each: 5 }, full: { rounds: 7, each: 25 } } as const;

/** A bus that was not asked for this long looks again whether a repository missed a change. */
const quietMs = 1_250;
/** From then on, the lease of an instance that was killed can be sealed. */
const sealableMs = timingDefaults.leaseDurationMs + timingDefaults.skewMs + 250;

const { control, dynamodb, s3, lambda } = latencies;

/** The latencies that each step cannot do without, one after the other. */
const leastMs = {
	'a login': lambda + dynamodb + s3,
	'a change of an attribute': lambda + s3 + control,
	'a decision by the author of the change': 0,
	'a logout': lambda + s3 + control,
	'the first decision at an instance, and the bus was just asked': lambda + dynamodb,
	'the first decision at an instance, and the bus was asked before that': lambda + dynamodb,
	'the first decision after the owner was lost, which seals its lease': 2 * control + lambda + dynamodb,
	'the first decision after the owner was lost, at the second session': lambda + dynamodb,
} as const;

type Step = keyof typeof leastMs;

/** The row of the least times. */
const least = 'its calls alone';

/** Requests that memory has no answer for, over HTTP. */
export const cold: Benchmark = {
	what: 'login, change, logout, borrowed reads and failovers, and the least that each could take',
	contenders: [base],
	async run({ size, report }) {
		const { rounds, each } = sizes[size];
		const took = new Map<Step, Measured[]>();
		await withContenders([base], { instances: 3, rest: frozen, report }, async (contenders) => {
			await inRounds([base], rounds, async (name, round) => {
				report(`round ${round + 1} of ${rounds}`);
				const contender = contenders.get(name);
				if (contender === undefined) throw new Error(`${name} was not started.`);
				for (const [step, times] of await measureAll(contender, each))
					took.set(step, [...(took.get(step) ?? []), { p50: quantile(times, 0.5), p99: quantile(times, 0.99) }]);
				return {};
			});
		});
		return { settings: { ...latencies, rounds, 'requests of each kind': each }, figures: [...took].flatMap(figures) };
	},
};

function figures([step, measured]: readonly [Step, readonly Measured[]]): readonly Figure[] {
	const sum = measured.map(() => ({ p50: leastMs[step] }));
	return figuresOf(
		step,
		{ p50: 'ms', p99: 'ms' },
		new Map([
			[base, measured],
			[least, sum],
		]),
		'nobody',
	);
}

async function measureAll(contender: Contender, each: number): Promise<ReadonlyMap<Step, readonly number[]>> {
	const times = new Map<Step, number[]>();
	const time = async (step: Step, act: () => Promise<BenchAnswer>, source?: string): Promise<void> => {
		const begun = performance.now();
		const answer = await act();
		const tookMs = performance.now() - begun;
		if (answer.status >= 300) throw new Error(`${step} was answered ${answer.status}: ${answer.body}`);
		if (source === undefined || answer.source === source) times.set(step, [...(times.get(step) ?? []), tookMs]);
	};
	const [one, other] = await contender.instances();
	const sessions: BenchSession[] = [];
	for (let user = 0; user < each; user++) {
		const begun = performance.now();
		sessions.push(await contender.login(`cold-${user}-${begun}`, one));
		times.set('a login', [...(times.get('a login') ?? []), performance.now() - begun]);
	}
	for (const session of sessions) {
		await time('a change of an attribute', () => contender.change(session, 'x', one));
		await time('a decision by the author of the change', () => decide(contender, session, one));
	}
	for (const session of sessions)
		await time(
			'the first decision at an instance, and the bus was just asked',
			() => decide(contender, session, other),
			'borrowed',
		);
	for (const session of sessions) await time('a logout', () => contender.logout(session));
	for (const session of await logInAt(contender, Math.ceil(each / 5), one)) {
		await delay(quietMs);
		await time(
			'the first decision at an instance, and the bus was asked before that',
			() => decide(contender, session, other),
			'borrowed',
		);
	}
	const orphans = await logInAt(contender, each, one);
	await contender.control('POST', `/instances/${one}/kill`, { when: 'now' });
	await delay(sealableMs);
	for (const [index, session] of orphans.entries())
		await time(
			index === 0
				? 'the first decision after the owner was lost, which seals its lease'
				: 'the first decision after the owner was lost, at the second session',
			() => decide(contender, session, other),
			'failover',
		);
	return times;
}

/** Without the copy that a client carries, which would need no call. */
async function decide(contender: Contender, session: BenchSession, target?: string): Promise<BenchAnswer> {
	session.carried = undefined;
	const answer = await contender.decide(session, target);
	if (answer.status !== allowedStatus) throw new Error(`A decision was answered ${answer.status}: ${answer.body}`);
	return answer;
}
