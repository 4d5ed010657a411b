/** `npm run simulate`: runs seeds until one breaks a promise, and shows how. The same seed always runs the same. */
import { parseArgs } from 'node:util';
import { mutants } from './mutants.ts';
import { plant } from './plant.ts';

const usage = `Usage: npm run simulate -- [--seeds N] [--from SEED] [--mutant NAME] [--json] | --list-mutants

  --seeds N         how many seeds to run (2000)
  --from SEED       the first one (1); with --seeds 1, a seed that failed is run again
  --mutant NAME     plants a mistake in the protocol, which the run must find
  --json            one line with the result instead of a transcript
  --list-mutants    the mistakes that can be planted
`;

function readArguments() {
	const { values } = parseArgs({
		options: {
			seeds: { type: 'string', default: '2000' },
			from: { type: 'string', default: '1' },
			mutant: { type: 'string' },
			json: { type: 'boolean', default: false },
			'list-mutants': { type: 'boolean', default: false },
		},
	});
	return { ...values, seeds: count('--seeds', values.seeds), from: count('--from', values.from) };
}

function count(option: string, text: string): number {
	const value = Number(text);
	if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${option} takes a whole number of 1 or more`);
	return value;
}

async function simulate({ seeds, from, mutant, json }: ReturnType<typeof readArguments>): Promise<boolean> {
	const planted = mutant === undefined ? undefined : plant(mutant);
	const { run } = await import('./run.ts');
	const begun = performance.now();
	let operations = 0;
	let faults = 0;
	for (let seed = from; seed < from + seeds; seed++) {
		const result = await run({ seed });
		operations += result.operations;
		faults += result.faults.length;
		const [violation] = result.violations;
		if (violation === undefined) continue;
		if (json) print(JSON.stringify({ mutant, seed, after: seed - from + 1, ...violation }));
		else {
			const { transcript } = await run({ seed, transcript: true });
			if (planted !== undefined) print(`Planted: ${planted.name}. "${planted.thought}"\n`);
			print(transcript.join('\n'));
			print(`\nSeed ${seed} breaks ${violation.invariant}: ${violation.what}`);
			print(`Again: npm run simulate -- --from ${seed} --seeds 1${mutant === undefined ? '' : ` --mutant ${mutant}`}`);
		}
		return false;
	}
	const perSecond = Math.round((seeds / (performance.now() - begun)) * 1_000);
	if (json) print(JSON.stringify({ mutant, seeds, operations, faults, perSecond }));
	else
		print(
			`${seeds} seeds, ${operations} operations, ${faults} faults: every promise was kept (${perSecond} seeds a second)`,
		);
	return true;
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

try {
	const values = readArguments();
	if (values['list-mutants']) print(mutants.map(({ name }) => name).join('\n'));
	else if (!(await simulate(values))) process.exitCode = 1;
} catch (error) {
	process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`);
	process.exitCode = 2;
}
