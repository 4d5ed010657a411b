/**
 * `npm run simulate:refresh`: looks for a run that finds the mistake behind each regression, and
 * keeps the smallest; and for the first seed that convicts each mutant. Use it after a change to
 * the protocol or to the simulation has changed the runs of the seeds. It uses every core, and
 * takes some minutes.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants/mutants.ts';
import { readRegressions, regressionMarker } from './regressions.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** The mistakes that no seed finds. */
const missed: string[] = [];

async function refreshRegression({ name, story, mutant }: ReturnType<typeof readRegressions>[number]): Promise<void> {
	const kept = (await outputOf(['--mutant', mutant, '--small']))
		.split('\n')
		.find((line) => line.startsWith(regressionMarker));
	if (kept === undefined) return void missed.push(`the mistake behind the regression ${name}`);
	const { options } = JSON.parse(kept.slice(regressionMarker.length));
	const file = fileURLToPath(new URL(`./regressions/${name}.json`, import.meta.url));
	writeFileSync(file, `${JSON.stringify({ story, mutant, options }, undefined, '\t')}\n`);
	process.stdout.write(`${name}: seed ${options.seed}\n`);
}

const convicting = new Map<string, number>();

async function convict(name: string): Promise<void> {
	const [line = ''] = (await outputOf(['--mutant', name, '--seeds', '2000', '--json'])).split('\n');
	const { seed, invariant, what } = JSON.parse(line) as { seed: number; invariant?: string; what?: string };
	if (invariant === undefined) return void missed.push(`the mutant ${name}`);
	convicting.set(name, seed);
	process.stdout.write(`${name}: seed ${seed} (${invariant}: ${what})\n`);
}

/** If the run finds the mistake, the command exits with status 1. */
function outputOf(options: readonly string[]): Promise<string> {
	return new Promise((resolve) => {
		execFile(process.execPath, [main, ...options], { maxBuffer: 2 ** 28 }, (_error, stdout) => resolve(stdout));
	});
}

const regressions = readRegressions().values();
const names = mutants.map(({ name }) => name).values();

/** Takes one after the other. As many workers as there are cores share them. */
async function work(): Promise<void> {
	for (const regression of regressions) await refreshRegression(regression);
	for (const name of names) await convict(name);
}

await Promise.all(Array.from({ length: availableParallelism() }, work));
const inOrder = mutants.flatMap(({ name }) => (convicting.has(name) ? [[name, convicting.get(name)]] : []));
const seedsFile = fileURLToPath(new URL('./mutants/convicting-seeds.json', import.meta.url));
writeFileSync(seedsFile, `${JSON.stringify(Object.fromEntries(inOrder), undefined, '\t')}\n`);
if (missed.length > 0) {
	process.stderr.write(`No seed finds ${missed.join(', or ')}.\n`);
	process.exitCode = 1;
}
