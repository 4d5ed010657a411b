import { layoutName } from '../../functions/control-table/feed-layout.ts';
import { feedSizes } from '../fleet/feed-sizes.ts';
import { type Break, breaksOf, type Deployment, loadsOf, ratesOf } from '../fleet/growth.ts';
import { number } from '../results/numbers.ts';
import { type Figure, figuresOf, type Series } from '../results/result.ts';
import type { Benchmark } from './benchmark.ts';

const common = {
	perSecondEach: 10,
	perSecondAndSession: 0.2,
	staySeconds: 600,
	deploySeconds: 60,
	endsPerSession: 0.2,
} as const;

/** One in five persons logs out. In the second, each person changes the session once besides. */
const kinds = [
	{ name: 'logouts alone', changesPerSession: 0.2, carried: false },
	{ name: 'one change a session', changesPerSession: 1.2, carried: false },
	{ name: 'one change a session, clients carry copies', changesPerSession: 1.2, carried: true },
] as const;

const sizes = [10, 30, 100, 300, 1_000, 3_000, 10_000] as const;
const instancesMax = 10_000;

/** Computed from the sizes of entries and the limits of the services. Nothing is measured. */
export const growth: Benchmark = {
	what: '10 to 10,000 instances, 1,000 to 100 million sessions: the first thing that breaks',
	contenders: ['leasehold'],
	async run() {
		const figures: Figure[] = [];
		const series: Series[] = [];
		const notes: string[] = [];
		for (const { name, ...kind } of kinds) {
			for (const instances of sizes) figures.push(...figuresAt(name, { ...common, ...kind, instances }));
			series.push({
				picture: 'feed-dollars',
				contender: name,
				points: sizes.map((instances) => [instances, ratesOf({ ...common, ...kind, instances }).feedDollars]),
			});
			notes.push(...breakNotes(`${name} and one item for each entry`, { ...common, ...kind, feed: 'entries' }));
			notes.push(...breakNotes(`${name} and the layout for the size`, { ...common, ...kind }));
			notes.push(layoutNote(name, { ...common, ...kind }));
		}
		return { settings: { ...common, ...(await feedSizes()) }, figures, series, notes: [...notes, storageNote()] };
	},
};

function figuresAt(name: string, deployment: Deployment): readonly Figure[] {
	const loads = loadsOf(deployment).map(({ part, load, limit }) => [part, (100 * load) / limit] as const);
	const { cold, feed, feedDollars } = ratesOf(deployment);
	const measured = {
		...Object.fromEntries(loads),
		'reads of a sync': feed.readsPerSync,
		'asks the bus': 100 * cold,
		'feed, a million requests': feedDollars,
	};
	const units = {
		...Object.fromEntries(loads.map(([part]) => [part, '% of its limit'])),
		'reads of a sync': 'of 4 kB',
		'asks the bus': '%',
		'feed, a million requests': '$',
	};
	return figuresOf(`${number(deployment.instances)} instances, ${name}`, units, new Map([['leasehold', [measured]]]));
}

/** The first part that breaks, the others, and the sessions that are in use then. */
function breakNotes(name: string, kind: Omit<Deployment, 'instances'>): readonly string[] {
	const breaks = breaksOf(kind, instancesMax);
	const [first, ...others] = breaks.filter(({ canBeRaised }) => !canBeRaised);
	const quotas = breaks.filter(({ canBeRaised }) => canBeRaised);
	if (first === undefined) return [`With ${name}, nothing breaks up to ${number(instancesMax)} instances.`];
	const sessions = (first.instances * kind.perSecondEach) / kind.perSecondAndSession;
	const list = (parts: readonly Break[]) =>
		parts.map(({ part, instances }) => `${part} at ${number(instances)}`).join(', ');
	return [
		`With ${name}, the first thing that breaks is: ${list([first])} instances, with ${number(sessions)} sessions in use.`,
		...(others.length === 0 ? [] : [`After it: ${list(others)}.`]),
		...(quotas.length === 0 ? [] : [`Quotas that AWS raises: ${list(quotas)}.`]),
	];
}

/** The layout of the feed at each size. */
function layoutNote(name: string, kind: Omit<Deployment, 'instances'>): string {
	const layouts = sizes.map((instances) => {
		const { layout } = ratesOf({ ...kind, instances });
		return `${layout === 'entries' ? 'one item for each entry' : layoutName(layout)} at ${number(instances)}`;
	});
	return `With ${name}, the layout for the size is ${layouts.join(', ')} instances.`;
}

/** Stored sessions cost storage, and load nothing: the ids are random. */
function storageNote(): string {
	const gb = storedMost * (storedBytes / 1e9);
	return `${number(storedMost)} stored sessions of ${storedBytes} bytes are ${number(gb)} GB in each repository. They break nothing, because ids are random and only sessions in use cause load.`;
}

const storedMost = 1e8;
const storedBytes = 1_000;
