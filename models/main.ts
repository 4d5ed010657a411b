/**
 * `npm run model`: lets TLC search all states of the model of the feed and of carried copies. The
 * design must hold, and each mistake in it must be found.
 */
import { type CommandLine, explainUsage, OptionError, readOptions, refusePositionals } from '../local/cli/options.ts';
import { type Configuration, configurations } from './configurations.ts';
import { type Found, openTlc } from './tlc.ts';

const usage = `Usage: npm run model -- [options]

  --only NAME  check only this configuration
  --json       print the results as one JSON line
  --help       print this help

Needs Java 17, and Python 3.10 with venv and pip. The configurations are:
${configurations.map(({ name }) => `  ${name}\n`).join('')}`;

interface ModelOptions {
	readonly chosen: readonly Configuration[];
	readonly json: boolean;
}

interface Result {
	readonly name: string;
	readonly ok: boolean;
	readonly found: Found;
}

/** TLC runs with one thread, and small configurations mostly start Java. */
const atOnce = 2;

const commandLine = parse(process.argv.slice(2));
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

function parse(args: readonly string[]): CommandLine<ModelOptions> {
	return readOptions(
		args,
		{ only: { type: 'string' }, json: { type: 'boolean', default: false } },
		({ only, json }, positionals) => {
			refusePositionals(positionals);
			const chosen = configurations.filter(({ name }) => only === undefined || name === only);
			if (chosen.length === 0) throw new OptionError(`there is no configuration "${only}"`);
			return { chosen, json };
		},
	);
}

async function run({ chosen, json }: ModelOptions): Promise<void> {
	const tlc = await openTlc();
	if (tlc.kind === 'missing') {
		process.stderr.write(`The model was not checked: ${tlc.reason}\n`);
		process.exitCode = 1;
		return;
	}
	const results: Result[] = [];
	const waiting = [...chosen];
	const work = async () => {
		for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
			const found = await tlc.check(next);
			const result = { name: next.name, ok: found.kind === next.expected, found };
			results.push(result);
			if (!json) process.stdout.write(`${lineOf(result)}\n`);
		}
	};
	await Promise.all(Array.from({ length: atOnce }, work));
	if (json) process.stdout.write(`${JSON.stringify(results)}\n`);
	if (!results.every(({ ok }) => ok)) process.exitCode = 1;
}

function lineOf({ name, ok, found }: Result): string {
	const mark = ok ? 'as expected' : 'NOT AS EXPECTED';
	if (found.kind === 'failed') return `${mark}: ${name}: ${found.reason}`;
	const states = `${found.states.toLocaleString('en')} states`;
	return `${mark}: ${name} ${found.kind === 'holds' ? `holds in ${states}` : `is violated after ${found.steps} steps, ${states}`}`;
}
