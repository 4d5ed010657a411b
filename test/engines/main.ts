/** `npm run contract`: the contract suites on every engine that can be had here, one after the other. */
import { explainUsage } from '../../local/cli/options.ts';
import { onceToldToEnd } from '../../local/cli/shutdown.ts';
import { aws } from './aws.ts';
import { type Asked, parseCommandLine } from './command-line.ts';
import { dynamoDbLocal } from './dynamodb-local.ts';
import { embedded } from './embedded.ts';
import { endpoint } from './endpoint.ts';
import type { Engine } from './engine.ts';
import { ministack } from './ministack.ts';
import { type EngineReport, printed } from './report.ts';
import { runContract } from './run-contract.ts';

const engines: readonly Engine[] = [embedded, dynamoDbLocal, ministack, endpoint, aws];

const usage = `Usage: npm run contract -- [options]

  --only NAMES     run on these engines alone
  --require NAMES  fail where one of these cannot be run
  --json           print one line: what became of each engine
  --help           print this

NAMES are separated by commas:
${engines.map(({ name, what }) => `  ${name.padEnd(14)}  ${what}\n`).join('')}`;

/** To remove what AWS was given takes longest. */
const endMsMax = 120_000;

const commandLine = parseCommandLine(
	process.argv.slice(2),
	engines.map(({ name }) => name),
);
if (commandLine.command === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ names, required, json }: Asked): Promise<void> {
	const ending = new AbortController();
	const trying = tryOutEach(names, required, ending.signal);
	onceToldToEnd(async () => {
		process.exitCode = 1;
		ending.abort();
		await trying;
	}, endMsMax);
	const reports = await trying;
	process.stdout.write(json ? `${JSON.stringify(reports)}\n` : printed(reports));
	process.exitCode ??= reports.every(({ ok }) => ok) ? 0 : 1;
}

async function tryOutEach(
	names: readonly string[],
	required: readonly string[],
	signal: AbortSignal,
): Promise<readonly EngineReport[]> {
	const reports: EngineReport[] = [];
	for (const engine of engines) {
		if (names.includes(engine.name) && !signal.aborted)
			reports.push(await tryOut(engine, required.includes(engine.name), signal));
	}
	return reports;
}

async function tryOut({ name, start }: Engine, required: boolean, signal: AbortSignal): Promise<EngineReport> {
	try {
		const started = await start(process.env);
		if (started.outcome === 'missing')
			return { engine: name, ok: !required, outcome: 'not run', reason: started.reason };
		process.stderr.write(`\n${name}\n`);
		const { passed, failures } = await runContract(started, signal).catch(async (error) => {
			await started.close();
			throw error;
		});
		const left = await started.close().then(
			() => [],
			(error) => [`afterwards: ${messageOf(error)}`],
		);
		const all = [...failures, ...left];
		return { engine: name, ok: all.length === 0, outcome: 'run', passed, failed: all.length, failures: all };
	} catch (error) {
		return { engine: name, ok: false, outcome: 'broken', reason: messageOf(error) };
	}
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
