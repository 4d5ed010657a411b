import { readFileSync } from 'node:fs';
import { quantile } from '../../drills/measures/quantile.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { createRandom } from '../../local/system/random.ts';
import { dollarsPerMillion } from '../cost/dollars.ts';
import { countedModel } from '../cost/model.ts';
import { countedPeer, peerDecisions } from '../cost/peers.ts';
import { busyMs, idleMs, lifeMs } from '../fleet/assumptions.ts';
import { simulateFleet } from '../fleet/model.ts';
import { parseTrace } from '../fleet/trace.ts';
import { base, figuresOf } from '../results/result.ts';
import type { Benchmark } from './benchmark.ts';

/** Computed once, and so without a spread. */
export const fleet: Benchmark = {
	what: 'warm share, cost and staleness for an access log: fleet --trace FILE',
	contenders: ['leasehold'],
	async run({ trace, report }) {
		if (trace === undefined) throw new Error('fleet needs an access log.');
		const { visits, skipped } = parseTrace(readFileSync(trace, 'utf8'));
		const [first, last] = [visits[0], visits.at(-1)];
		const seconds = Math.max(1, ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1_000);
		const perSecond = visits.length / seconds;
		report(`${visits.length} requests in ${Math.round(seconds)} s, ${skipped} lines could not be read`);
		const figures = [false, true].flatMap((carried) => {
			const outcome = simulateFleet(visits, {
				timing: timingDefaults,
				carried,
				busyMs,
				idleMs,
				lifeMs,
				random: createRandom(1),
			});
			const { sources, staleMs, environmentsMost } = outcome;
			const share = (count: number) => (100 * count) / visits.length;
			const counted = countedModel(outcome);
			return figuresOf(
				carried ? 'clients carry copies' : 'clients carry no copies',
				{
					'without a remote call': '%',
					'without the bus': '%',
					adopted: '%',
					'staleness p50': 'ms',
					'staleness p99': 'ms',
					'staleness at most': 'ms',
					environments: '',
					'a million decisions': '$',
				},
				new Map([
					[
						base,
						[
							{
								'without a remote call': share(sources.memory),
								'without the bus': share(sources.memory + sources.sync),
								adopted: share(sources.adopted),
								'staleness p50': quantile(staleMs, 0.5),
								'staleness p99': quantile(staleMs, 0.99),
								'staleness at most': quantile(staleMs, 1),
								environments: environmentsMost,
								'a million decisions': dollarsPerMillion(counted).sum,
							},
						],
					],
				]),
			);
		});
		const peers = Object.entries(peerDecisions).map(
			([name, decision]) =>
				[name, [{ 'a million decisions': dollarsPerMillion(countedPeer(decision, perSecond)).sum }]] as const,
		);
		const sessions = new Set(visits.map(({ session }) => session)).size;
		return {
			settings: { requests: visits.length, sessions, 'requests a second': Number(perSecond.toPrecision(3)), skipped },
			figures: [...figures, ...figuresOf('peers', { 'a million decisions': '$' }, new Map(peers))],
		};
	},
};
