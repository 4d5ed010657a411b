import { number, ratioText } from './numbers.ts';
import type { Figure, Result } from './result.ts';

/** A result as text for a terminal. */
export function printed({ benchmark, size, machine, settings, figures, notes = [] }: Result): string {
	const workloads = [...new Set(figures.map(({ workload }) => workload))];
	return [
		`${benchmark} (${size}), ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, load ${machine.loadBefore} before`,
		Object.entries(settings)
			.map(([name, value]) => `${name} ${value}`)
			.join(', '),
		...workloads.flatMap((workload) => ['', workload, ...rowsOf(figures.filter((each) => each.workload === workload))]),
		'',
		...notes.map((note) => `${note}\n`),
	].join('\n');
}

function rowsOf(figures: readonly Figure[]): readonly string[] {
	const cells = figures.map(({ contender, measure, unit, median, min, max, rounds, toLeasehold }) => [
		contender,
		measure,
		`${number(median)} ${unit}`,
		rounds === 1 ? '' : `${number(min)}–${number(max)} in ${rounds} rounds`,
		ratioText(toLeasehold),
	]);
	const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
	return cells.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd());
}
