/**
 * `npm run contract:http`: lints the contract of the API, and lets Schemathesis send requests of
 * every form that it knows to a region. Every answer must be as documented.
 */
import {
	type CommandLine,
	explainUsage,
	readOptions,
	refusePositionals,
	wholeNumber,
} from '../../local/cli/options.ts';
import { onShutdown } from '../../local/cli/shutdown.ts';
import { drive } from './drive.ts';
import { lint } from './lint.ts';
import type { Outcome } from './outcome.ts';
import { openStage } from './stage.ts';

const usage = `Usage: npm run contract:http -- [options]

Lints docs/openapi.json with Redocly CLI, and drives a region with Schemathesis.

  --seed N  the seed of the requests (default: a random one)
  --json    print the outcome as one JSON line
  --help    print this help

Needs Python 3.11 with venv and pip.
`;

interface Options {
	readonly seed: number;
	readonly json: boolean;
}

const seedMax = 2 ** 32 - 1;

/** Longer than a region takes to stop. */
const shutDownMsMax = 10_000;

const commandLine: CommandLine<Options> = readOptions(
	process.argv.slice(2),
	{ seed: { type: 'string' }, json: { type: 'boolean', default: false } },
	({ seed = String(Math.floor(Math.random() * seedMax)), json }, positionals) => {
		refusePositionals(positionals);
		return { seed: wholeNumber('--seed', seed, 0, seedMax), json };
	},
);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ seed, json }: Options): Promise<void> {
	const ending = new AbortController();
	const checking = check(seed, ending.signal);
	const isShuttingDown = onShutdown(async () => {
		process.exitCode = 1;
		ending.abort();
		await checking.catch(() => undefined);
	}, shutDownMsMax);
	const outcomes = await checking.catch((error) => {
		if (isShuttingDown()) return undefined;
		throw error;
	});
	if (outcomes === undefined) return;
	const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + count(outcome), 0);
	const passed = sum((outcome) => outcome.passed);
	const failed = sum((outcome) => outcome.failures.length);
	for (const { name, failures } of outcomes)
		for (const failure of failures) process.stderr.write(`FAILED  ${name}: ${failure}\n`);
	process.stdout.write(
		json ? `${JSON.stringify({ passed, failed, seed })}\n` : `${passed} passed, ${failed} failed (seed ${seed})\n`,
	);
	if (failed > 0) process.exitCode = 1;
}

async function check(seed: number, signal: AbortSignal): Promise<readonly Outcome[]> {
	const linted = await lint(signal);
	const stage = await openStage();
	try {
		return [linted, await drive(stage, seed, signal), stage.outcome()];
	} finally {
		await stage.close();
	}
}
