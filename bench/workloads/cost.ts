import { quantile } from '../../drills/measures/quantile.ts';
import { latencies } from '../contenders/contender.ts';
import { type Crossing, crossingOf, type Point } from '../cost/crossing.ts';
import { type Dollars, dollarsPerMillion } from '../cost/dollars.ts';
import { countedPeer, peerDecisions } from '../cost/peers.ts';
import { type FleetRun, type FleetShape, runFleet } from '../fleet/environments.ts';
import { number } from '../results/numbers.ts';
import { base, type Figure, figuresOf, type Series } from '../results/result.ts';
import type { Measured } from '../statistics/rounds.ts';
import { median } from '../statistics/summary.ts';
import type { Benchmark } from './benchmark.ts';

const shape = { everySeconds: 5, staySeconds: 600, changes: 0.05, logouts: 0.2 } as const;

/** The slowest fleets have a thousand requests a second, and take five minutes each. */
const sizes = {
	small: { rounds: 1, warmUpSeconds: 60, seconds: 60, fleets: [[1, [1, 4, 16]]] },
	full: {
		rounds: 1,
		warmUpSeconds: 300,
		seconds: 120,
		fleets: [
			[1, [1, 5, 20, 200]],
			[2, [1, 20]],
			[5, [1, 20, 200]],
		],
	},
} as const;

const units = {
	'without a remote call': '%',
	'without the bus': '%',
	p50: 'ms',
	p99: 'ms',
	'a million decisions': '$',
	'of them, calls': '$',
} as const;

/** The same, if clients carry no copies of their sessions. */
const withoutCopies = 'without carried copies';

const warm = (measured: Measured) => measured['without a remote call'] ?? Number.NaN;

/** Pictures of `docs/benchmarks/`. */
export const warmShare = 'warm-share';
export const dollarsByEnvironments = 'dollars';

/** The product's code on virtual time, with environments that stand still between requests. */
export const cost: Benchmark = {
	what: 'one session per person over 1 to 200 environments: warm share and dollars',
	contenders: ['leasehold'],
	async run({ size, report }) {
		const { rounds, fleets, ...duration } = sizes[size];
		const figures: Figure[] = [];
		const series: Series[] = [];
		const notes: string[] = [];
		for (const [perSecondEach, environments] of fleets) {
			const [shares, sharesWithout]: [Point[], Point[]] = [[], []];
			const dollars = new Map<string, Point[]>();
			for (const count of environments) {
				report(`${count} environments with ${perSecondEach} requests a second each`);
				const [runs, without]: [FleetRun[], FleetRun[]] = [[], []];
				for (let round = 0; round < rounds; round++) {
					const fleet = { ...shape, ...duration, perSecondEach, environments: count };
					runs.push(await runFleet(fleet, round + 1));
					without.push(await runFleet({ ...fleet, carries: false }, round + 1));
				}
				const measured = runs.map(measuresOf);
				const measuredWithout = without.map(measuresOf);
				const workload = `${count} environments, ${perSecondEach} a second each`;
				const contenders = new Map([
					[base, measured],
					[withoutCopies, measuredWithout],
				]);
				figures.push(...figuresOf(workload, units, contenders));
				figures.push(...peerFigures(workload, count * perSecondEach));
				shares.push([count, median(measured.map(warm))]);
				sharesWithout.push([count, median(measuredWithout.map(warm))]);
				for (const [name, { sum }] of [[base, dollarsOf(runs)] as const, ...peersAt(count * perSecondEach)])
					dollars.set(name, [...(dollars.get(name) ?? []), [count, sum]]);
			}
			const name = `${perSecondEach} a second and environment`;
			series.push({ picture: warmShare, contender: name, points: shares });
			series.push({ picture: warmShare, contender: `${name}, ${withoutCopies}`, points: sharesWithout });
			for (const [contender, points] of dollars)
				series.push({ picture: `${dollarsByEnvironments}-${perSecondEach}`, contender, points });
			notes.push(...crossings(perSecondEach, environments, dollars));
		}
		const settings = { ...latencies, ...shape, ...duration, rounds };
		return { settings, figures, series, notes };
	},
};

function measuresOf({ decisions, counted }: FleetRun): Measured & Record<keyof typeof units, number> {
	const share = (holds: (decision: FleetRun['decisions'][number]) => boolean) =>
		(100 * decisions.filter(holds).length) / decisions.length;
	const took = decisions.map(({ tookMs }) => tookMs);
	const { sum, calls } = dollarsPerMillion(counted);
	return {
		'without a remote call': share(({ remoteCalls }) => remoteCalls === 0),
		'without the bus': share(({ source }) => source === 'memory' || source === 'carried'),
		p50: quantile(took, 0.5),
		p99: quantile(took, 0.99),
		'a million decisions': sum,
		'of them, calls': calls,
	};
}

function dollarsOf(runs: readonly FleetRun[]): Pick<Dollars, 'sum'> {
	return { sum: median(runs.map(({ counted }) => dollarsPerMillion(counted).sum)) };
}

function peersAt(perSecond: number): readonly (readonly [string, Dollars])[] {
	return Object.entries(peerDecisions).map(([name, decision]) => [
		name,
		dollarsPerMillion(countedPeer(decision, perSecond)),
	]);
}

/** Computed, and so without a spread. */
function peerFigures(workload: string, perSecond: number): readonly Figure[] {
	return peersAt(perSecond).flatMap(([contender, { sum, calls }]) =>
		figuresOf(
			workload,
			{ 'a million decisions': '$', 'of them, calls': '$' },
			new Map([[contender, [{ 'a million decisions': sum, 'of them, calls': calls }]]]),
		),
	);
}

/** For each peer, the number of environments from which Leasehold is dearer. */
function crossings(
	perSecondEach: FleetShape['perSecondEach'],
	environments: readonly number[],
	dollars: ReadonlyMap<string, readonly Point[]>,
): readonly string[] {
	const ours = dollars.get(base) ?? [];
	const peers = [...dollars].filter(([name]) => name !== base);
	const most = environments.at(-1) ?? 0;
	return peers.map(([name, theirs]) => {
		const at = `At ${perSecondEach} requests a second and environment, Leasehold is`;
		return `${at} ${sayCrossing(crossingOf(ours, theirs), most)} ${name}.`;
	});
}

function sayCrossing(crossing: Crossing, most: number): string {
	switch (crossing.kind) {
		case 'above':
			return `dearer at every size from 1 to ${most} environments than`;
		case 'below':
			return `cheaper at every size from 1 to ${most} environments than`;
		case 'crosses':
			return `dearer from ${number(crossing.at)} environments on than`;
		case 'dives':
			return `cheaper from ${number(crossing.at)} environments on than`;
	}
}
