import { prices } from '../../drills/costs/prices.ts';
import { type Break, breaksOf, type Deployment, feedLayout, loadsOf, ratesOf } from '../fleet/growth.ts';
import { number } from '../results/numbers.ts';
import { type Figure, figuresOf, type Series } from '../results/result.ts';
import type { Benchmark } from './benchmark.ts';

const common = {
	perSecondEach: 10,
	perSecondAndSession: 0.2,
	staySeconds: 600,
	deploySeconds: 60,
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
				points: sizes.map((instances) => [
					instances,
					ratesOf({ ...common, ...kind, instances }, prices.dynamoDbReadsPerMillion).feedDollars,
				]),
			});
			notes.push(...breakNotes(name, { ...common, ...kind }));
		}
		return { settings: { ...common, ...feedLayout }, figures, series, notes: [...notes, storageNote()] };
	},
};

function figuresAt(name: string, deployment: Deployment): readonly Figure[] {
	const loads = loadsOf(deployment).map(({ part, load, limit }) => [part, (100 * load) / limit] as const);
	const { cold, feedDollars } = ratesOf(deployment, prices.dynamoDbReadsPerMillion);
	const measured = {
		...Object.fromEntries(loads),
		'asks the bus': 100 * cold,
		'feed, a million requests': feedDollars,
	};
	const units = {
		...Object.fromEntries(loads.map(([part]) => [part, '% of its limit'])),
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

/** Stored sessions cost storage, and load nothing: the ids are random. */
function storageNote(): string {
	const gb = storedMost * (storedBytes / 1e9);
	return `${number(storedMost)} stored sessions of ${storedBytes} bytes are ${number(gb)} GB in each repository. They break nothing, because ids are random and only sessions in use cause load.`;
}

const storedMost = 1e8;
const storedBytes = 1_000;
