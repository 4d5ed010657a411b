import { ratesOf } from '../../bench/fleet/growth.ts';
import { number } from '../../bench/results/numbers.ts';
import { table } from './markdown.ts';

/** The fleets of the growth benchmark, in which each session is changed once. */
const fleet = {
	perSecondEach: 10,
	perSecondAndSession: 0.2,
	staySeconds: 600,
	deploySeconds: 60,
	changesPerSession: 1.2,
	endsPerSession: 0.2,
	carried: true,
} as const;

/** Which layout of the feed has room for which fleet, and its price. */
export function feedLayoutsTable(): string {
	return table(
		['active instances', 'changes a second', '`feed`', 'reads of 4 kB in a sync', 'dollars for a million requests'],
		[100, 300, 450, 1_000, 3_000, 10_000].map((instances) => {
			const { changes, layout, feed, feedDollars } = ratesOf({ ...fleet, instances });
			return [
				number(instances),
				number(changes),
				layout === 'entries' ? 'leave it out' : `\`{ "shards": ${layout.shards}, "replicas": ${layout.replicas} }\``,
				number(feed.readsPerSync),
				feedDollars.toFixed(2),
			];
		}),
	);
}
