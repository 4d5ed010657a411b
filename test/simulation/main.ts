/** `npm run simulate`: runs seeds until one breaks a promise, and shows how. The same seed always runs the same. */
import { createHash } from 'node:crypto';
import { explainUsage, OptionError, readOptions, refusePositionals, wholeNumber } from '../../local/cli/options.ts';
import { type FaultKind, faultKinds } from './faults/kinds.ts';
import { mutants } from './mutants/mutants.ts';
import { plant } from './mutants/plant.ts';
import { readRegressions } from './regressions.ts';
import type { RunOptions } from './run.ts';

const usage = `Usage: npm run simulate -- [--seeds N] [--from SEED] [--mutant NAME] [--json] | --digest | --list-mutants

  --seeds N          how many seeds to run (2000), after the runs that failed once
  --from SEED        the first one (1); with --seeds 1, a seed that failed is run again
  --mutant NAME      plants a mistake in the protocol, which the run must find
  --wire             lets messages and answers travel as JSON, at half the speed
  --json             one line with the result instead of a transcript
  --small            makes a failure small, and prints what to keep in test/simulation/regressions
  --operations N, --without "KIND, …"
                     runs a failure that was made small
  --digest           hash the transcripts of the seeds (500 by default) instead of judging them: a change
                     that only moves or renames code leaves the hash as it was
  --list-mutants     the mistakes that can be planted
  --help             print this
`;

/** Nobody waits for so many. */
const countMax = 1_000_000_000;

const commandLine = readOptions(
	process.argv.slice(2),
	{
		seeds: { type: 'string' },
		from: { type: 'string', default: '1' },
		mutant: { type: 'string' },
		wire: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
		small: { type: 'boolean', default: false },
		operations: { type: 'string' },
		without: { type: 'string' },
		digest: { type: 'boolean', default: false },
		'list-mutants': { type: 'boolean', default: false },
	},
	({ mutant, wire, json, small, operations, without, digest, ...values }, positionals) => {
		refusePositionals(positionals);
		if (mutant !== undefined && !mutants.some(({ name }) => name === mutant))
			throw new OptionError(`there is no mutant "${mutant}"; --list-mutants names them`);
		return {
			mutant,
			json,
			small,
			digest,
			list: values['list-mutants'],
			seeds: count('--seeds', values.seeds ?? (digest ? '500' : '2000')),
			from: count('--from', values.from),
			run: {
				...(wire ? { overWire: true } : {}),
				...(operations === undefined ? {} : { operations: count('--operations', operations) }),
				...(without === undefined ? {} : { without: kinds(without) }),
			},
		};
	},
);

type Asked = Extract<typeof commandLine, { kind: 'run' }>;

function count(option: string, text: string): number {
	return wholeNumber(option, text, 1, countMax);
}

function kinds(text: string): FaultKind[] {
	return text.split(',').map((part) => {
		const kind = faultKinds.find((candidate) => candidate === part.trim());
		if (kind === undefined)
			throw new OptionError(`--without takes kinds of fault, and "${part.trim()}" is none of ${faultKinds.join(', ')}`);
		return kind;
	});
}

/** The runs that failed once come first, then the seeds. A planted mistake has to be found by the seeds. */
function plannedRuns({ seeds, from, mutant, run }: Asked): RunOptions[] {
	const fresh = Array.from({ length: seeds }, (_, index) => ({ seed: from + index, ...run }));
	return seeds === 1 || mutant !== undefined ? fresh : [...readRegressions().map(({ options }) => options), ...fresh];
}

async function simulate(values: Asked): Promise<boolean> {
	const { mutant, json } = values;
	if (mutant !== undefined) plant(mutant);
	const { run } = await import('./run.ts');
	const runs = plannedRuns(values);
	const begun = performance.now();
	let operations = 0;
	let faults = 0;
	for (const [index, options] of runs.entries()) {
		const result = await run(options);
		operations += result.operations;
		faults += result.faults.length;
		const [violation] = result.violations;
		if (violation === undefined) continue;
		if (json) print(JSON.stringify({ mutant, ...options, after: index + 1, ...violation }));
		else await explain(values, options, violation);
		return false;
	}
	const perSecond = Math.round((runs.length / (performance.now() - begun)) * 1_000);
	if (json) print(JSON.stringify({ mutant, seeds: runs.length, operations, faults, perSecond }));
	else
		print(
			`${runs.length} runs, ${operations} operations, ${faults} faults: every promise was kept (${perSecond} a second)`,
		);
	return true;
}

/** Of everything that the seeds did, line by line: the oracle for changes that only move or rename code. */
async function digest({ seeds, from, mutant, run: options }: Asked): Promise<void> {
	if (mutant !== undefined) plant(mutant);
	const { run } = await import('./run.ts');
	const hash = createHash('sha256');
	for (let seed = from; seed < from + seeds; seed++) {
		const { transcript, operations, answered } = await run({ seed, ...options, transcript: true });
		hash.update(JSON.stringify({ seed, operations, answered, transcript }));
	}
	print(`${hash.digest('hex')} (seeds ${from} to ${from + seeds - 1})`);
}

async function explain(
	{ mutant, small }: Asked,
	options: RunOptions,
	violation: { readonly invariant: string; readonly what: string },
): Promise<void> {
	const { run } = await import('./run.ts');
	const { minimise } = await import('./minimise.ts');
	const shown = small ? await minimise(options) : options;
	const thought = mutants.find(({ name }) => name === mutant)?.thought;
	if (thought !== undefined) print(`Planted: ${mutant}. "${thought}"\n`);
	const { transcript } = await run({ ...shown, transcript: true });
	print(transcript.join('\n'));
	print(`\nSeed ${shown.seed} breaks ${violation.invariant}: ${violation.what}`);
	const more = [
		shown.overWire ? ' --wire' : '',
		shown.operations === undefined ? '' : ` --operations ${shown.operations}`,
		shown.without === undefined ? '' : ` --without "${shown.without.join(', ')}"`,
	].join('');
	print(
		`Again: npm run simulate -- --from ${shown.seed} --seeds 1${more}${mutant === undefined ? '' : ` --mutant ${mutant}`}`,
	);
	if (small) print(`To keep: ${JSON.stringify({ story: '…', mutant: mutant ?? '…', options: shown })}`);
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

if (commandLine.kind !== 'run') explainUsage(commandLine, usage);
else if (commandLine.list) print(mutants.map(({ name }) => name).join('\n'));
else if (commandLine.digest) await digest(commandLine);
else if (!(await simulate(commandLine))) process.exitCode = 1;
