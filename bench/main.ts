/**
 * `npm run bench -- [NAME] [--json FILE]`: measures Leasehold and its peers side by side. `--help`
 * prints the names.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { explainUsage, OptionError, readOptions } from '../local/cli/options.ts';
import { programs } from './contenders/programs.ts';
import { installPackages } from './packages.ts';
import { readMachine } from './results/machine.ts';
import { printed } from './results/printed.ts';
import type { Result, Size } from './results/result.ts';
import { resultsFolder } from './results/saved.ts';
import type { Benchmark } from './workloads/benchmark.ts';

/** Loaded only when it runs, because some import the contenders' packages. */
const benchmarks: Readonly<Record<string, () => Promise<Benchmark>>> = {
	quick: async () => (await import('./workloads/quick.ts')).quick,
	micro: async () => (await import('./workloads/micro.ts')).micro,
	request: async () => (await import('./workloads/request.ts')).request,
	system: async () => (await import('./workloads/system.ts')).system,
	cold: async () => (await import('./workloads/cold.ts')).cold,
	'start-up': async () => (await import('./workloads/start-up.ts')).startUp,
	stories: async () => (await import('./workloads/stories.ts')).stories,
	cost: async () => (await import('./workloads/cost.ts')).cost,
	growth: async () => (await import('./workloads/growth.ts')).growth,
	fleet: async () => (await import('./workloads/fleet.ts')).fleet,
};

/** It needs an access log. */
const notInAll = 'fleet';

const usage = `Usage: npm run bench -- [NAME] [options]

NAME is "all" or one of these, "quick" by default:
  quick        the paired ratios, in less than three minutes
  micro        single steps: verify a token, decide from memory or a carried copy, merge
  request      the handler in its own process, from event to answer
  system       over HTTP: 10,000 sessions, of which some are used much more than others
  cold         login, change, logout, borrowed reads and failovers
  start-up     a new process, from the import to the loaded handler
  stories      a logout, an owner that dies, stores that are slow or down, 500 requests at once
  cost         one session per person over 1 to 200 environments: warm share and dollars
  growth       10 to 10,000 instances: the first thing that breaks
  fleet        warm share, cost and staleness for the access log of --trace

  --size SIZE   "small" or "full" (default). Small runs are for development
  --json FILE   also write the result to this file
  --save        also write the result to docs/benchmarks/NAME.json. Then run npm run docs
  --trace FILE  the access log for fleet: lines of JSON with time and session, or the combined format
  --help        print this help
`;

const commandLine = readOptions(
	process.argv.slice(2),
	{
		size: { type: 'string', default: 'full' },
		json: { type: 'string' },
		save: { type: 'boolean', default: false },
		trace: { type: 'string' },
	},
	({ size, json, save, trace }, [name = 'quick', ...others]) => {
		if (others.length > 0) throw new OptionError(`name one benchmark or "all", without "${others[0]}"`);
		if (size !== 'small' && size !== 'full') throw new OptionError(`--size is "small" or "full", not "${size}"`);
		if (name !== 'all' && !Object.hasOwn(benchmarks, name)) throw new OptionError(`there is no benchmark "${name}"`);
		const names = name === 'all' ? Object.keys(benchmarks).filter((each) => each !== notInAll) : [name];
		if (names.includes('fleet') !== (trace !== undefined))
			throw new OptionError('fleet, and no other, takes --trace FILE');
		if (json !== undefined && names.length > 1) throw new OptionError('--json takes the result of one benchmark');
		return { names, size: size as Size, json, save, trace };
	},
);
if (commandLine.kind !== 'run') explainUsage(commandLine, usage);
else for (const name of commandLine.names) await run(name, commandLine);

async function run(
	name: string,
	{ size, json, save, trace }: { size: Size; json: string | undefined; save: boolean; trace: string | undefined },
): Promise<void> {
	installPackages();
	const benchmark = await benchmarks[name]?.();
	if (benchmark === undefined) return;
	const machine = readMachine([...new Set(benchmark.contenders.flatMap((each) => programs[each].packages))].sort());
	const begunMs = performance.now();
	const report = (line: string) => process.stderr.write(`${name}: ${line}\n`);
	const result: Result = { benchmark: name, size, machine, ...(await benchmark.run({ size, trace, report })) };
	report(`took ${Math.round((performance.now() - begunMs) / 1_000)} s`);
	process.stdout.write(printed(result));
	if (json !== undefined) write(json, result);
	if (save) {
		mkdirSync(resultsFolder, { recursive: true });
		write(`${resultsFolder}${name}.json`, result);
	}
}

function write(file: string, result: Result): void {
	writeFileSync(file, `${JSON.stringify(result, rounded, '\t')}\n`);
}

/** Five digits are more than any of the figures deserves. */
function rounded(_: string, value: unknown): unknown {
	return typeof value === 'number' && Number.isFinite(value) ? Number(value.toPrecision(5)) : value;
}
