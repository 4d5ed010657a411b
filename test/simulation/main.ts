/**
 * `npm run simulate`: runs seeds until one of them breaks a promise, and shows how it happened. The
 * same seed always runs in the same way.
 */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { explainUsage, OptionError, readOptions, refusePositionals, wholeNumber } from '../../local/cli/options.ts';
import { type FaultKind, faultKinds } from './faults/kinds.ts';
import { mutants } from './mutants/mutants.ts';
import { plant } from './mutants/plant.ts';
import { readRegressions, regressionMarker } from './regressions.ts';
import type { RunOptions } from './run.ts';

const usage = `Usage: npm run simulate -- [options]

Runs the regressions, then new seeds, until a run breaks a promise. Prints the transcript of that
run and the command that repeats it. The same seed always runs in the same way.

  --seeds N          the number of seeds to run (2000 by default, 500 with --digest)
  --from SEED        the first seed (1 by default); with --seeds 1, only this seed is run
  --mutant NAME      plant a mistake in the protocol; the run has to find it
  --list-mutants     list the mistakes that can be planted
  --wire             send messages and answers as JSON; takes twice as long
  --neighbours       as --wire, and every third message or answer is from the next release
  --json             print the result as one line of JSON, without a transcript
  --small            minimise a failing run, and print it for test/simulation/regressions
  --operations N     run N client operations for each seed (200 by default)
  --without KINDS    leave out these kinds of fault, separated by commas
  --digest           print a hash of the transcripts instead of checking the promises; a change
                     that only moves or renames code must not change the hash
  --help             print this text
`;

/** More than anyone can wait for. */
const countMax = 1_000_000_000;
/** All seeds of a run are safe integers, and there are more of them than anyone can try. */
const seedMax = 2 ** 52;

const commandLine = readOptions(
	process.argv.slice(2),
	{
		seeds: { type: 'string' },
		from: { type: 'string', default: '1' },
		mutant: { type: 'string' },
		wire: { type: 'boolean', default: false },
		neighbours: { type: 'boolean', default: false },
		json: { type: 'boolean', default: false },
		small: { type: 'boolean', default: false },
		operations: { type: 'string' },
		without: { type: 'string' },
		digest: { type: 'boolean', default: false },
		'list-mutants': { type: 'boolean', default: false },
	},
	({ mutant, wire, neighbours, json, small, operations, without, digest, ...values }, positionals) => {
		refusePositionals(positionals);
		if (mutant !== undefined && !mutants.some(({ name }) => name === mutant))
			throw new OptionError(`there is no mutant "${mutant}"; --list-mutants lists them`);
		return {
			mutant,
			json,
			small,
			digest,
			list: values['list-mutants'],
			seeds: count('--seeds', values.seeds ?? (digest ? '500' : '2000')),
			from: wholeNumber('--from', values.from, 1, seedMax),
			run: {
				...(wire || neighbours ? { overWire: true } : {}),
				...(neighbours ? { neighbours } : {}),
				...(operations === undefined ? {} : { operations: count('--operations', operations) }),
				...(without === undefined ? {} : { without: kinds(without) }),
			},
		};
	},
);

type SimulateOptions = Extract<typeof commandLine, { kind: 'run' }>;

function count(option: string, text: string): number {
	return wholeNumber(option, text, 1, countMax);
}

function kinds(text: string): FaultKind[] {
	return text.split(',').map((part) => {
		const kind = faultKinds.find((candidate) => candidate === part.trim());
		if (kind === undefined)
			throw new OptionError(`--without takes kinds of fault: ${faultKinds.join(', ')}. "${part.trim()}" is not one`);
		return kind;
	});
}

/** The regressions come first, then new seeds. A mutant has to be found by the seeds alone. */
function plannedRuns({ seeds, from, mutant, run }: SimulateOptions): RunOptions[] {
	const fresh = Array.from({ length: seeds }, (_, index) => ({ seed: from + index, ...run }));
	return seeds === 1 || mutant !== undefined ? fresh : [...readRegressions().map(({ options }) => options), ...fresh];
}

async function simulate(options: SimulateOptions): Promise<boolean> {
	const { mutant, json } = options;
	if (mutant !== undefined) plant(mutant);
	const { run } = await import('./run.ts');
	const runs = plannedRuns(options);
	const begun = performance.now();
	let operations = 0;
	let faults = 0;
	let running: number | undefined;
	process.on('unhandledRejection', (error) => {
		throw new Error(`seed ${running} let a promise fail that nobody handled`, { cause: error });
	});
	for (const [index, planned] of runs.entries()) {
		running = planned.seed;
		const result = await run(planned);
		// If nobody handled the failure of a promise, Node says so only when the run is over.
		await setImmediate();
		operations += result.operations;
		faults += result.faults.length;
		const [violation] = result.violations;
		if (violation === undefined) continue;
		if (json) print(JSON.stringify({ mutant, ...planned, after: index + 1, ...violation }));
		else await explain(options, planned, violation);
		return false;
	}
	const perSecond = Math.round((runs.length / (performance.now() - begun)) * 1_000);
	if (json) print(JSON.stringify({ mutant, seeds: runs.length, operations, faults, perSecond }));
	else
		print(
			`${runs.length} runs with ${operations} operations and ${faults} faults kept every promise (${perSecond} runs a second).`,
		);
	return true;
}

/** Hashes every line of the seeds' transcripts. */
async function digest({ seeds, from, mutant, json, run: options }: SimulateOptions): Promise<void> {
	if (mutant !== undefined) plant(mutant);
	const { run } = await import('./run.ts');
	const hash = createHash('sha256');
	for (let seed = from; seed < from + seeds; seed++) {
		const { transcript, operations, answered } = await run({ seed, ...options, transcript: true });
		hash.update(JSON.stringify({ seed, operations, answered, transcript }));
	}
	const hex = hash.digest('hex');
	print(json ? JSON.stringify({ digest: hex, seeds, from }) : `${hex} (seeds ${from} to ${from + seeds - 1})`);
}

async function explain(
	{ mutant, small }: SimulateOptions,
	options: RunOptions,
	violation: { readonly invariant: string; readonly what: string },
): Promise<void> {
	const { run } = await import('./run.ts');
	const { minimise } = await import('./minimise.ts');
	const shown = small ? await minimise(options) : options;
	const thought = mutants.find(({ name }) => name === mutant)?.thought;
	if (thought !== undefined) print(`Planted the mutant ${mutant}: "${thought}"\n`);
	const { transcript, violations } = await run({ ...shown, transcript: true });
	// A minimised run may break the promise in another way.
	const { invariant, what } = violations[0] ?? violation;
	print(transcript.join('\n'));
	print(`\nSeed ${shown.seed} breaks ${invariant}: ${what}`);
	const more = [
		shown.neighbours ? ' --neighbours' : shown.overWire ? ' --wire' : '',
		shown.operations === undefined ? '' : ` --operations ${shown.operations}`,
		shown.without === undefined ? '' : ` --without "${shown.without.join(', ')}"`,
	].join('');
	print(
		`To repeat it: npm run simulate -- --from ${shown.seed} --seeds 1${more}${mutant === undefined ? '' : ` --mutant ${mutant}`}`,
	);
	if (small) print(`${regressionMarker}${JSON.stringify({ story: '…', mutant: mutant ?? '…', options: shown })}`);
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

if (commandLine.kind !== 'run') explainUsage(commandLine, usage);
else if (commandLine.list) print(mutants.map(({ name }) => name).join('\n'));
else if (commandLine.digest) await digest(commandLine);
else if (!(await simulate(commandLine))) process.exitCode = 1;
