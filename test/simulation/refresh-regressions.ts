/**
 * `npm run simulate:refresh`: finds each regression's mistake anew, and keeps the smallest run that finds it now. Needed when
 * a change of the protocol or of the simulation has changed what happens under a seed.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readRegressions } from './regressions.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));
const marker = 'To keep: ';

for (const { name, story, mutant } of readRegressions()) {
	const kept = transcriptOf(mutant)
		.split('\n')
		.find((line) => line.startsWith(marker));
	if (kept === undefined) throw new Error(`no seed finds ${mutant} any longer`);
	const { options } = JSON.parse(kept.slice(marker.length));
	const file = fileURLToPath(new URL(`./regressions/${name}.json`, import.meta.url));
	writeFileSync(file, `${JSON.stringify({ story, mutant, options }, undefined, '\t')}\n`);
	process.stdout.write(`${name}: seed ${options.seed}\n`);
}

/** A run that finds something ends with status 1. */
function transcriptOf(mutant: string): string {
	try {
		return execFileSync(process.execPath, [main, '--mutant', mutant, '--small'], {
			encoding: 'utf8',
			maxBuffer: 2 ** 28,
		});
	} catch (error) {
		return String((error as { stdout?: unknown }).stdout);
	}
}
