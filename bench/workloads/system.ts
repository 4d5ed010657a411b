import { latencies, redisLatencyMs } from '../contenders/contender.ts';
import { contenderNames, programs } from '../contenders/programs.ts';
import { withContenders } from '../contenders/with-contenders.ts';
import { figuresOf } from '../results/result.ts';
import { inRounds } from '../statistics/rounds.ts';
import { frozen } from '../stories/story.ts';
import type { Benchmark } from './benchmark.ts';
import { prepareSteady, steadyUnits } from './steady.ts';

const sizes = {
	small: { rounds: 3, instances: 2, traffic: { sessions: 20, perSecond: 10, seconds: 4, changes: 0.05 } },
	full: { rounds: 3, instances: 4, traffic: { sessions: 10_000, perSecond: 100, seconds: 15, changes: 0.05 } },
} as const;

/** Instances of this contender do not know each other's sessions. */
const names = contenderNames.filter((name) => programs[name].isShared);

/** Through the same front and the same number of instances, which stand still between requests. */
export const system: Benchmark = {
	what: 'over HTTP: 10,000 sessions, of which some are used much more than others',
	contenders: names,
	async run({ size, report }) {
		const { rounds, instances, traffic } = sizes[size];
		const figures = await withContenders(names, { instances, rest: frozen, report }, async (contenders) => {
			const measure = await prepareSteady(contenders, traffic, report, traffic.seconds);
			report('measuring');
			const measured = await inRounds(names, rounds, measure);
			return figuresOf(`${traffic.sessions} sessions, ${traffic.perSecond} requests a second`, steadyUnits, measured);
		});
		return { settings: { ...latencies, redis: redisLatencyMs, instances, ...traffic }, figures };
	},
};
