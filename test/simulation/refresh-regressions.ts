/**
 * `npm run simulate:refresh`: looks for a run that finds the mistake behind each regression, and
 * keeps the smallest; then for the first seed that convicts each mutant. Use it after a change to
 * the protocol or to the simulation has changed the runs of the seeds.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutants } from './mutants/mutants.ts';
import { readRegressions, regressionMarker } from './regressions.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

for (const { name, story, mutant } of readRegressions()) {
	const kept = outputOf(['--mutant', mutant, '--small'])
		.split('\n')
		.find((line) => line.startsWith(regressionMarker));
	if (kept === undefined) throw new Error(`none of the seeds finds ${mutant}`);
	const { options } = JSON.parse(kept.slice(regressionMarker.length));
	const file = fileURLToPath(new URL(`./regressions/${name}.json`, import.meta.url));
	writeFileSync(file, `${JSON.stringify({ story, mutant, options }, undefined, '\t')}\n`);
	process.stdout.write(`${name}: seed ${options.seed}\n`);
}

const convicting: Record<string, number> = {};
for (const { name } of mutants) {
	const [line = ''] = outputOf(['--mutant', name, '--json']).split('\n');
	const { seed, invariant } = JSON.parse(line) as { seed: number; invariant?: string };
	if (invariant === undefined) throw new Error(`none of the seeds convicts ${name}`);
	convicting[name] = seed;
}
const seedsFile = fileURLToPath(new URL('./mutants/convicting-seeds.json', import.meta.url));
writeFileSync(seedsFile, `${JSON.stringify(convicting, undefined, '\t')}\n`);

/** If the run finds the mistake, the command exits with status 1. */
function outputOf(options: readonly string[]): string {
	try {
		return execFileSync(process.execPath, [main, ...options], {
			encoding: 'utf8',
			maxBuffer: 2 ** 28,
		});
	} catch (error) {
		return String((error as { stdout?: unknown }).stdout);
	}
}
