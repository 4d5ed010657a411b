import { feedEntriesMax } from '../../functions/control-table/feed.ts';
import { type FeedLayout, replicasMax, shardsMax } from '../../functions/control-table/feed-layout.ts';
import { stateUsedMs } from '../../functions/control-table/layout-change.ts';
import { feedOverlapMs, timingDefaults } from '../../functions/control-table/timing.ts';
import { endsMax } from '../../functions/session-server/memory/known-ends.ts';
import { cheapestLayout, type FeedLoad, feedDollars, feedLoad, partition, readsOf } from './feed-load.ts';

/** A deployment at one size. */
export interface Deployment {
	readonly instances: number;
	/** Requests a second to each instance. */
	readonly perSecondEach: number;
	/** Requests a second of each session that is in use. */
	readonly perSecondAndSession: number;
	/** How long a session is in use, in seconds. */
	readonly staySeconds: number;
	/** Changes of a session while it is in use, its logout included. */
	readonly changesPerSession: number;
	/** How many of them are logouts. */
	readonly endsPerSession: number;
	/** Whether clients carry copies that any instance may use. */
	readonly carried: boolean;
	/** For how long a deploy replaces instances, in seconds. */
	readonly deploySeconds: number;
	/**
	 * How the feed is stored.
	 *
	 * @default the layout for the size
	 */
	readonly feed?: FeedLayout;
}

/** The load of one part of a deployment, and the most that it takes. */
export interface Load {
	readonly part: string;
	readonly unit: string;
	readonly load: number;
	readonly limit: number;
	/** Whether AWS raises the limit on request. */
	readonly canBeRaised: boolean;
}

/** Leases are spread by the first character of their ids, and five of 64 meet in one partition. */
const hottestLeaseShare = 5 / 64;
/** The default quota of an account and region, in environments that run at once. */
const concurrency = 1_000;
/** Milliseconds of the bus, with the injected latencies, for a read and for an adoption. */
const busReadMs = 10;
const busRecoverMs = 45;

export interface Rates {
	readonly requests: number;
	readonly sessions: number;
	readonly changes: number;
	readonly syncs: number;
	/** The part of the requests that ask the bus. */
	readonly cold: number;
	/** How the feed is stored, and what it takes. */
	readonly layout: FeedLayout;
	readonly feed: FeedLoad;
	/** Dollars for the feed's reads and writes, for a million requests. */
	readonly feedDollars: number;
}

/** Seconds of the feed that one sync reads. */
const syncSpanSeconds =
	(timingDefaults.maxStalenessMs / 2 + feedOverlapMs(timingDefaults) + timingDefaults.skewMs) / 1_000;

/** The layout of a deployment that not even the largest one has room for. */
const largest: FeedLayout = { shards: shardsMax, replicas: replicasMax };

export function ratesOf(deployment: Deployment): Rates {
	const { instances, perSecondEach, perSecondAndSession, staySeconds, changesPerSession, carried } = deployment;
	const requests = instances * perSecondEach;
	const sessions = requests / perSecondAndSession;
	const changes = (sessions * changesPerSession) / staySeconds;
	// An instance syncs a second after its last sync, with the next request.
	const syncs = (instances * perSecondEach) / (1 + perSecondEach);
	// A copy is used until it is too old, or its session changes or ends.
	const copySeconds = 1 / (1_000 / timingDefaults.copyAgeMs + changesPerSession / staySeconds);
	const uses = (perSecondAndSession * copySeconds) / (carried ? 1 : instances);
	const cold = 1 / (1 + uses);
	const use = { changes, syncs, syncSeconds: syncSpanSeconds };
	const layout = deployment.feed ?? cheapestLayout(use) ?? largest;
	const feed = feedLoad(layout, use);
	const dollars = (feedDollars(feed) * 1e6) / requests;
	return { requests, sessions, changes, syncs, cold, layout, feed, feedDollars: dollars };
}

/** Every part whose load grows with the deployment. Session items do not: their ids are random. */
export function loadsOf(deployment: Deployment): readonly Load[] {
	const { instances, perSecondEach, perSecondAndSession, staySeconds, endsPerSession, carried, deploySeconds } =
		deployment;
	const { requests, changes, cold, layout, feed } = ratesOf(deployment);
	const { leaseDurationMs } = timingDefaults;
	const replicas = layout === 'entries' ? 1 : layout.replicas;
	// A lease is renewed by the first request after a third of it.
	const renewals = instances / (leaseDurationMs / 3_000 + 1 / perSecondEach);
	// After a deploy, no owner is left: a session is adopted by its next request.
	const busAfterDeploy = (requests * (carried ? cold : 1) * busRecoverMs) / 1_000;
	const hard = { canBeRaised: false } as const;
	return [
		{
			part: 'reads of one partition of the feed',
			unit: 'a second',
			load: feed.partitionReads,
			limit: partition.reads,
			...hard,
		},
		{
			part: 'writes of one partition of the feed',
			unit: 'a second',
			load: feed.partitionWrites,
			limit: partition.writes,
			...hard,
		},
		{
			part: 'changes in one sync, beyond which every copy is dropped',
			unit: '',
			load: changes * syncSpanSeconds,
			limit: feedEntriesMax,
			...hard,
		},
		{
			part: 'reads of the layouts in use',
			unit: 'a second',
			load: (instances * 1_000) / stateUsedMs,
			limit: partition.reads,
			...hard,
		},
		{
			part: 'reads of the hottest partition of leases',
			unit: 'a second',
			load: requests * cold * hottestLeaseShare,
			limit: partition.reads,
			...hard,
		},
		{
			part: 'writes of the hottest partition of leases',
			unit: 'a second',
			load: renewals * hottestLeaseShare,
			limit: partition.writes,
			...hard,
		},
		{
			part: 'new leases in a deploy',
			unit: 'a second',
			load: (instances / deploySeconds) * hottestLeaseShare,
			limit: partition.writes,
			...hard,
		},
		...(carried
			? [
					{
						part: 'reading the feed back in a deploy',
						unit: 'a second',
						// Each minute of the feed has its own partitions, and each new instance reads it once.
						load: (instances * readsOf(layout, changes, 60)) / deploySeconds / replicas,
						limit: partition.reads,
						...hard,
					},
					{
						part: 'ends that an instance remembers, beyond which it does not use older carried copies',
						unit: '',
						load:
							(requests / perSecondAndSession / staySeconds) * endsPerSession * (timingDefaults.carriedAgeMs / 1_000),
						limit: endsMax,
						...hard,
					},
				]
			: []),
		{
			part: 'session servers and buses at once',
			unit: '',
			load: instances + (requests * cold * busReadMs) / 1_000,
			limit: concurrency,
			canBeRaised: true,
		},
		{
			part: 'session servers and buses at once, after a deploy',
			unit: '',
			load: instances + busAfterDeploy,
			limit: concurrency,
			canBeRaised: true,
		},
	];
}

/** A part that does not take the load from this many instances on. */
export interface Break {
	readonly part: string;
	readonly instances: number;
	readonly canBeRaised: boolean;
}

/** The parts that break up to so many instances, the first one first. */
export function breaksOf(deployment: Omit<Deployment, 'instances'>, instancesMax: number): readonly Break[] {
	const isOver = (part: string, instances: number) => {
		const load = loadsOf({ ...deployment, instances }).find((each) => each.part === part);
		return load !== undefined && load.load > load.limit;
	};
	const parts = loadsOf({ ...deployment, instances: 1 });
	return parts
		.filter(({ part }) => isOver(part, instancesMax))
		.map(({ part, canBeRaised }) => {
			let [under, over] = [0, instancesMax];
			while (over - under > 1) {
				const middle = Math.floor((under + over) / 2);
				if (isOver(part, middle)) over = middle;
				else under = middle;
			}
			return { part, instances: over, canBeRaised };
		})
		.toSorted((a, b) => a.instances - b.instances);
}
