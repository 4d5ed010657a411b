import { programs } from '../contenders/programs.ts';
import type { Result, Series } from '../results/result.ts';
import { drawLineChart, type Line } from './line-chart.ts';
import { drawTradeOff, type TradeOff } from './trade-off.ts';

/** The results that were saved, by the name of the benchmark. */
export type Results = Readonly<Partial<Record<string, Result>>>;

/**
 * The pictures of `docs/benchmarks/`, by the name of the file. A benchmark without a result has
 * none.
 */
export function drawPictures(results: Results): ReadonlyMap<string, string> {
	const pictures = new Map<string, string>();
	const { system, cost, stories } = results;
	if (system !== undefined)
		pictures.set(
			'calls-and-revocation.svg',
			drawTradeOff(titled('Remote calls of a request, and the time until a logout is seen', system), tradeOffs(system)),
		);
	if (cost !== undefined) {
		pictures.set(
			'warm-share.svg',
			drawLineChart({
				title: titled('Decisions without a remote call', cost),
				x: 'environments',
				isLogarithmic: true,
				panels: [{ y: '% of the decisions', yMax: 100, lines: linesOf(cost.series, 'warm-share') }],
			}),
		);
		pictures.set(
			'dollars.svg',
			drawLineChart({
				title: titled('The session layer’s dollars for a million decisions', cost),
				x: 'environments with one request a second each',
				isLogarithmic: true,
				panels: [{ y: 'dollars', isLogarithmic: true, lines: linesOf(cost.series, 'dollars-1') }],
			}),
		);
	}
	if (stories !== undefined)
		for (const { picture, title } of timelines) {
			const panels = [
				{ y: 'slowest of 20 answers, ms', isLogarithmic: true, lines: linesOf(stories.series, `${picture}-p95`) },
				{
					y: '% of the requests that were not allowed',
					yMax: 100,
					lines: linesOf(stories.series, `${picture}-failed`),
				},
			];
			pictures.set(`${picture}.svg`, drawLineChart({ title: titled(title, stories), x: 'seconds', panels }));
		}
	return pictures;
}

/** A picture of a small run says so, wherever it is shown. */
function titled(title: string, { size }: Result): string {
	return size === 'small' ? `${title} (a small run)` : title;
}

const timelines = [
	{ picture: 'owner-death', title: 'The instance that began every session dies after a quarter of the time' },
	{ picture: 'dynamodb-absence', title: 'DynamoDB is down for the middle half of the time' },
] as const;

function linesOf(series: readonly Series[] = [], picture: string): readonly Line[] {
	return series
		.filter((each) => each.picture === picture)
		.map(({ contender, points }) => ({ name: titleOf(contender), points }));
}

/** A contender's title, or the name of a line that is no contender. */
function titleOf(name: string): string {
	return Object.entries(programs).find(([key]) => key === name)?.[1].title ?? name;
}

/** Every contender. Those whose instances do not know each other's sessions make no calls. */
function tradeOffs({ figures }: Result): readonly TradeOff[] {
	return Object.entries(programs).flatMap(([name, { title, isLeasehold, isShared, revocationLagSeconds }]) => {
		const figure = figures.find(
			({ contender, measure }) => contender === name && measure === 'remote calls per request',
		);
		if (figure === undefined && isShared) return [];
		const callsPerRequest = figure?.median ?? 0;
		const words = isShared ? title : `${title} (one instance)`;
		return [{ name: words, callsPerRequest, worstLagSeconds: revocationLagSeconds, isOurs: isLeasehold }];
	});
}
