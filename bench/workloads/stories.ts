import { type Contender, latencies, redisLatencyMs } from '../contenders/contender.ts';
import { type ContenderName, programs } from '../contenders/programs.ts';
import { withContenders } from '../contenders/with-contenders.ts';
import { type Figure, figuresOf, type Series } from '../results/result.ts';
import { inRounds, type Measured, type Rounds } from '../statistics/rounds.ts';
import { absence, type Store } from '../stories/absence.ts';
import { brownout, brownoutFactor, type Dependency, dependencies } from '../stories/brownout.ts';
import { herd, herdSize } from '../stories/herd.ts';
import { ownerDeath } from '../stories/owner-death.ts';
import { revoke, watchedMs } from '../stories/revocation.ts';
import { frozen } from '../stories/story.ts';
import type { Benchmark } from './benchmark.ts';

const sizes = {
	small: { rounds: 1, instances: 2, seconds: 8 },
	full: { rounds: 5, instances: 4, seconds: 20 },
} as const;

/** One for each way to keep a session. The others of a kind have the same stories. */
const names = [
	'leasehold',
	'connect-dynamodb',
	'connect-redis',
	'get-item',
	'better-auth-cookie-cache',
	'iron-session',
	'fast-jwt',
] as const satisfies readonly ContenderName[];

/** Pictures of `docs/benchmarks/`. */
export const ownerDeathPicture = 'owner-death';
export const absencePicture = 'dynamodb-absence';

const times = { failed: '%', p50: 'ms', p99: 'ms' } as const;

/** Clients ask while something ends, dies, slows down or is down. */
export const stories: Benchmark = {
	what: 'a logout, an owner that dies, stores that are slow or down, 500 requests at once',
	contenders: names,
	async run({ size, report }) {
		const { rounds, instances, seconds } = sizes[size];
		const options = { instances, rest: frozen, report };
		const told = await withContenders(names, options, (contenders) => tellAll(contenders, { rounds, seconds, report }));
		const settings = {
			...latencies,
			redis: redisLatencyMs,
			instances,
			seconds,
			'a brownout, times as slow': brownoutFactor,
		};
		const unrevoked = names.filter((name) => programs[name].revocationLagSeconds * 1_000 > watchedMs);
		const notes = [
			`A logout was watched for ${watchedMs} ms. These let the session in for longer: ${unrevoked
				.map((name) => `${name} for up to ${programs[name].revocationLagSeconds} s`)
				.join(', ')}.`,
		];
		return { settings, ...told, notes };
	},
};

async function tellAll(
	contenders: ReadonlyMap<ContenderName, Contender>,
	{
		rounds,
		seconds,
		report,
	}: { readonly rounds: number; readonly seconds: number; readonly report: (line: string) => void },
): Promise<{ readonly figures: readonly Figure[]; readonly series: readonly Series[] }> {
	const figures: Figure[] = [];
	const series: Series[] = [];
	const of = (name: ContenderName) => {
		const contender = contenders.get(name);
		if (contender === undefined) throw new Error(`${name} was not started.`);
		return contender;
	};
	const note = (workload: string, units: Readonly<Record<string, string>>, measured: Rounds<ContenderName>) =>
		figures.push(...figuresOf(workload, units, measured));

	report('logging out');
	note('a logout', { 'last allow after the logout': 'ms' }, await inRounds(names, rounds, (name) => revoke(of(name))));
	report('500 requests at once');
	note(
		`${herdSize} requests at once for a session that one instance knows`,
		{ 'until the last answer': 'ms', p50: 'ms', 'remote calls': '', failed: '%' },
		await inRounds(names, rounds, (name) => herd(of(name))),
	);
	for (const [dependency, users] of Object.entries(dependencies) as [Dependency, readonly (typeof names)[number][]][]) {
		report(`a brownout: ${dependency}`);
		const measured = await inRounds(users, rounds, (name) => brownout(of(name), dependency, seconds / 4));
		note(`a brownout: ${dependency}`, times, measured);
	}

	/** Tells a story with a timeline. The picture shows its last round. */
	async function follow(
		workload: string,
		users: readonly ContenderName[],
		picture: string | undefined,
		story: (contender: Contender) => ReturnType<typeof ownerDeath>,
	): Promise<void> {
		report(workload);
		const timelines = new Map<ContenderName, Awaited<ReturnType<typeof ownerDeath>>>();
		const measured = await inRounds(users, rounds, async (name): Promise<Measured> => {
			const told = await story(of(name));
			timelines.set(name, told);
			return told.measured;
		});
		note(workload, { ...times, 'adopting requests, p50': 'ms' }, measured);
		if (picture === undefined) return;
		for (const [name, { p95, failed }] of timelines)
			series.push(
				{ picture: `${picture}-p95`, contender: name, points: p95 },
				{ picture: `${picture}-failed`, contender: name, points: failed },
			);
	}
	const absent = (store: Store) => (contender: Contender) => absence(contender, store, seconds);
	const redisUsers = names.filter((name) => programs[name].usesRedis);
	await follow('DynamoDB is down for half of the time', names, absencePicture, absent('DynamoDB'));
	await follow('Redis is down for half of the time', redisUsers, undefined, absent('Redis'));
	await follow('an instance dies that began every session', names, ownerDeathPicture, (each) =>
		ownerDeath(each, seconds),
	);
	return { figures, series };
}
