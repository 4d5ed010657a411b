import { latencies, redisLatencyMs } from '../contenders/contender.ts';
import type { ContenderName } from '../contenders/programs.ts';
import { withContenders } from '../contenders/with-contenders.ts';
import { figuresOf } from '../results/result.ts';
import { inRounds } from '../statistics/rounds.ts';
import type { Benchmark } from './benchmark.ts';
import { handlerUnits, prepareHandlers, standard } from './request.ts';
import { prepareSteady, steadyUnits } from './steady.ts';

const sizes = {
	small: { rounds: 3, handler: { sessions: 10, calls: 400, msMax: 300 }, seconds: 2 },
	full: { rounds: 7, handler: { sessions: 10, calls: 2_000, msMax: 300 }, seconds: 1.5 },
} as const;

const traffic = { sessions: 20, perSecond: 60, changes: 0 } as const;
const instances = 2;

/** Those to which the bars compare, and the floor: a token that is verified without a store. */
const names = [
	'leasehold',
	'connect-dynamodb',
	'connect-redis',
	'get-item',
	'better-auth-cookie-cache',
	'fast-jwt',
] as const satisfies readonly ContenderName[];

/** The ratios that the product promises, in less than three minutes. */
export const quick: Benchmark = {
	what: 'the paired ratios, in less than three minutes',
	contenders: names,
	async run({ size, report }) {
		const { rounds, handler, seconds } = sizes[size];
		const figures = await withContenders(names, { instances, ...standard, report }, async (contenders) => {
			const handlers = await prepareHandlers(contenders, handler);
			report('measuring the handlers');
			const alone = await inRounds(names, rounds, (name) => handlers.measure(name));
			const overHttp = await prepareSteady(contenders, { ...traffic, seconds }, report);
			report('measuring over HTTP');
			const together = await inRounds(names, rounds, overHttp);
			const { p50, processor } = handlerUnits;
			const { p50: httpP50, 'remote calls per request': calls } = steadyUnits;
			return [
				...figuresOf('handler, client known', { p50, processor }, alone),
				...figuresOf('over HTTP, client known', { p50: httpP50, 'remote calls per request': calls }, together),
			];
		});
		return { settings: { ...latencies, redis: redisLatencyMs, instances, ...traffic, seconds }, figures };
	},
};
