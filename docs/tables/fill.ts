import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { benchmarkTables } from './benchmarks.ts';
import { costsTable, observabilityTable, trialCostTable } from './costs.ts';
import { feedLayoutsTable } from './feed-layouts.ts';
import { limitsTable } from './limits.ts';
import { metricsTable } from './metrics.ts';
import { modelTable } from './model.ts';
import { mutantsTable } from './mutants.ts';
import { operationsTable } from './operations.ts';
import { problemsTable } from './problems.ts';
import { routesTable } from './routes.ts';
import { callTimesTable, derivedTimesTable, timesTable } from './times.ts';

const root = new URL('../../', import.meta.url);

/** By the name between `<!-- generated:` and `-->`. */
const tables: Readonly<Record<string, () => string>> = {
	...benchmarkTables,
	'call-times': callTimesTable,
	costs: costsTable,
	'derived-times': derivedTimesTable,
	'feed-layouts': feedLayoutsTable,
	limits: limitsTable,
	metrics: metricsTable,
	model: modelTable,
	mutants: mutantsTable,
	observability: observabilityTable,
	operations: operationsTable,
	problems: problemsTable,
	routes: routesTable,
	times: timesTable,
	'trial-cost': trialCostTable,
};

export interface Document {
	/** Relative to the repository. */
	readonly path: string;
	readonly absolutePath: string;
	readonly text: string;
}

/** README.md and every page of `docs/`. */
export function documents(): readonly Document[] {
	return ['README.md', ...globSync('docs/**/*.md', { cwd: root }).sort()].map((path) => {
		const url = new URL(path, root);
		return { path, absolutePath: fileURLToPath(url), text: readFileSync(url, 'utf8') };
	});
}

/**
 * The text with every generated table as the code has it now, formatted as `npm run format` does.
 *
 * @throws if a marker names no table
 */
export function filled({ path, text }: Document): Promise<string> {
	const withTables = text.replaceAll(
		/(<!-- generated: ([a-z-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
		(_, begin, name, end) => {
			const generate = tables[name];
			if (generate === undefined) throw new Error(`${path} asks for a generated table "${name}", which does not exist`);
			return `${begin}\n${generate()}\n\n${end}`;
		},
	);
	return format(withTables, { parser: 'markdown', proseWrap: 'always', printWidth: 100 });
}
