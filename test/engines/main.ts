/**
 * `npm run contract`: runs the contract suites on every engine that this machine can run, one after
 * the other.
 */
import { explainUsage } from '../../local/cli/options.ts';
import { onShutdown } from '../../local/cli/shutdown.ts';
import { messageOf } from '../../local/system/message-of.ts';
import { aws } from './aws.ts';
import { type ContractOptions, parseCommandLine } from './command-line.ts';
import { dynamoDbLocal } from './dynamodb-local.ts';
import { embedded } from './embedded.ts';
import { endpoint } from './endpoint.ts';
import type { Engine } from './engine.ts';
import { localstack } from './localstack.ts';
import { ministack } from './ministack.ts';
import { moto } from './moto.ts';
import { type EngineReport, printed } from './report.ts';
import { runContract } from './run-contract.ts';

const engines: readonly Engine[] = [embedded, dynamoDbLocal, ministack, moto, localstack, endpoint, aws];

const usage = `Usage: npm run contract -- [options]

  --only NAMES     run only on these engines
  --require NAMES  fail if one of these engines cannot run here
  --json           print the result of each engine as one JSON line
  --help           print this help

NAMES is a comma-separated list of:
${engines.map(({ name, what }) => `  ${name.padEnd(14)}  ${what}\n`).join('')}`;

/** Removing the resources on AWS takes longest. */
const shutDownMsMax = 120_000;

const commandLine = parseCommandLine(
	process.argv.slice(2),
	engines.map(({ name }) => name),
);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ names, required, json }: ContractOptions): Promise<void> {
	const ending = new AbortController();
	const running = runEach(names, required, ending.signal);
	onShutdown(async () => {
		process.exitCode = 1;
		ending.abort();
		await running;
	}, shutDownMsMax);
	const reports = await running;
	process.stdout.write(json ? `${JSON.stringify(reports)}\n` : printed(reports));
	process.exitCode ??= reports.every(({ ok }) => ok) ? 0 : 1;
}

async function runEach(
	names: readonly string[],
	required: readonly string[],
	signal: AbortSignal,
): Promise<readonly EngineReport[]> {
	const reports: EngineReport[] = [];
	for (const engine of engines) {
		if (names.includes(engine.name) && !signal.aborted)
			reports.push(await runOn(engine, required.includes(engine.name), signal));
	}
	return reports;
}

async function runOn({ name, start }: Engine, required: boolean, signal: AbortSignal): Promise<EngineReport> {
	try {
		const started = await start(process.env);
		if (started.kind === 'missing') return { engine: name, ok: !required, outcome: 'not run', reason: started.reason };
		process.stderr.write(`\n${name}\n`);
		const { passed, failures } = await runContract(started, signal).catch(async (error) => {
			await started.close();
			throw error;
		});
		const left = await started.close().then(
			() => [],
			(error) => [`cleanup: ${messageOf(error)}`],
		);
		const all = [...failures, ...left];
		return { engine: name, ok: all.length === 0, outcome: 'run', passed, failed: all.length, failures: all };
	} catch (error) {
		return { engine: name, ok: false, outcome: 'broken', reason: messageOf(error) };
	}
}
