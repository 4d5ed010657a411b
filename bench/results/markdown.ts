import { programs } from '../contenders/programs.ts';
import type { Ratio } from '../statistics/ratio.ts';
import { number } from './numbers.ts';
import { base, type Figure, type Result } from './result.ts';

/** The measures of which less is better, so that a reader may want to know who needs less. */
const timeUnits: ReadonlySet<string> = new Set(['µs', 'ms']);

/** Draws a table, as `docs/tables/markdown.ts` does. */
export type DrawTable = (header: readonly string[], rows: readonly (readonly string[])[]) => string;

/** A result for readers: a table for each workload, and where and when it was measured. */
export function resultMarkdown(result: Result, table: DrawTable): string {
	const { figures, notes = [] } = result;
	const workloads = [...new Set(figures.map(({ workload }) => workload))];
	return [
		machineSentences(result),
		...workloads.flatMap((workload) => [
			`**${capitalised(workload)}**`,
			workloadTable(
				figures.filter((each) => each.workload === workload),
				table,
			),
		]),
		...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
	].join('\n\n');
}

function machineSentences({ size, machine, settings }: Result): string {
	const { takenAt, processor, cores, memoryGb, node, commit, loadBefore, versions } = machine;
	const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	const injected = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
	return [
		`Measured on ${takenAt.slice(0, 10)} at commit \`${commit}\`, on ${cores} × ${processor} with ${memoryGb} GB and Node ${node}.`,
		`The load average before was ${loadBefore}.`,
		...(size === 'small' ? ['**This was a small run for development. Its figures say little.**'] : []),
		...(packages.length === 0 ? [] : [`Packages: ${packages.join(', ')}.`]),
		`Settings: ${injected.join(', ')}.`,
	].join(' ');
}

/** A row for each contender, and a column for each measure. */
function workloadTable(figures: readonly Figure[], table: DrawTable): string {
	const measures = [...new Map(figures.map(({ measure, unit }) => [measure, unit]))];
	const contenders = [...new Set(figures.map(({ contender }) => contender))];
	// The first time is the one that is compared.
	const compared = measures.find(([, unit]) => timeUnits.has(unit))?.[0];
	const isCompared = contenders.includes(base) && contenders.length > 1 && compared !== undefined;
	const find = (contender: string, measure: string | undefined) =>
		figures.find((each) => each.contender === contender && each.measure === measure);
	return table(
		[
			'contender',
			...measures.map(([measure, unit]) => (unit === '' ? measure : `${measure}, ${unit}`)),
			...(isCompared ? [`${compared} to Leasehold's`] : []),
		],
		contenders.map((contender) => [
			titleOf(contender),
			...measures.map(([measure]) => cellOf(find(contender, measure))),
			...(isCompared ? [contender === base ? '' : verdict(find(contender, compared)?.toLeasehold)] : []),
		]),
	);
}

function cellOf(figure: Figure | undefined): string {
	if (figure === undefined) return '';
	const { median, min, max, rounds } = figure;
	return rounds === 1 || min === max ? number(median) : `${number(median)} (${number(min)}–${number(max)})`;
}

/** Says so if a peer wins. */
export function verdict(ratio: Ratio | undefined): string {
	if (ratio === undefined) return '';
	if (ratio.kind === 'no difference') return 'no difference shown';
	const interval = `${number(ratio.low)}–${number(ratio.high)}`;
	return ratio.median < 1
		? `**wins: ${number(ratio.median)}×** (${interval})`
		: `${number(ratio.median)}× (${interval})`;
}

function titleOf(contender: string): string {
	return Object.entries(programs).find(([name]) => name === contender)?.[1].title ?? contender;
}

function capitalised(words: string): string {
	return words.charAt(0).toUpperCase() + words.slice(1);
}
