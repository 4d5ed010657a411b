/**
 * `npm run drill -- NAME [--json]`: runs one drill, or all of them but the long ones. Each has its
 * own region. `--list` prints the names of those that "all" runs.
 */
import { explainUsage, OptionError, readOptions } from '../local/cli/options.ts';
import { printed, type Report } from './report.ts';
import { busDown } from './scenarios/bus-down.ts';
import { clockSkew } from './scenarios/clock-skew.ts';
import { controlDown } from './scenarios/control-down.ts';
import { everythingDown } from './scenarios/everything-down.ts';
import { flood } from './scenarios/flood.ts';
import { freezeOwner } from './scenarios/freeze-owner.ts';
import { killOwner } from './scenarios/kill-owner.ts';
import { packFeed } from './scenarios/pack-feed.ts';
import { quiet } from './scenarios/quiet.ts';
import { dynamoDbDown, s3Down } from './scenarios/repository-down.ts';
import { revokeUnderLoad } from './scenarios/revoke-under-load.ts';
import { rollingRestart } from './scenarios/rolling-restart.ts';
import { rollingUpgrade } from './scenarios/rolling-upgrade.ts';
import { slowDynamoDb } from './scenarios/slow-dynamodb.ts';
import { thaw } from './scenarios/thaw.ts';

interface Drill {
	/** One line for the help text. */
	readonly what: string;
	/** Takes minutes, so it runs by its name only. @default false */
	readonly isLong?: boolean;
	run(): Promise<Report>;
}

const drills: Readonly<Record<string, Drill>> = {
	'kill-owner': { what: "kill a session's owner", run: killOwner },
	flood: { what: 'flood the instances with requests that are refused or limited', run: flood },
	'freeze-owner': { what: "freeze a session's owner and let it continue", run: freezeOwner },
	thaw: { what: 'let idle connections die while functions stand still', run: thaw },
	quiet: { what: 'send a request every few seconds', run: quiet },
	'clock-skew': { what: "set the instances' clocks apart", run: clockSkew },
	'dynamodb-down': { what: 'take the DynamoDB repository down', run: dynamoDbDown },
	's3-down': { what: 'take the S3 repository down', run: s3Down },
	'slow-dynamodb': { what: 'make DynamoDB slow', run: slowDynamoDb },
	'control-down': { what: 'take the control table down while DynamoDB lacks logouts', run: controlDown },
	'bus-down': { what: 'take the bus down', run: busDown },
	'everything-down': { what: 'take everything but the session servers down', run: everythingDown },
	'revoke-under-load': { what: 'log sessions out while they are in use', run: revokeUnderLoad },
	'rolling-restart': { what: 'replace every instance', run: rollingRestart },
	'rolling-upgrade': { what: 'upgrade to the next release and roll back, twice', run: rollingUpgrade },
	'pack-feed': { what: 'change the layout of the feed; five minutes, not in "all"', run: packFeed, isLong: true },
};

const usual = Object.keys(drills).filter((name) => drills[name]?.isLong !== true);

const usage = `Usage: npm run drill -- NAME [options]

NAME is "all" or one of:
${Object.entries(drills)
	.map(([name, { what }]) => `  ${name.padEnd(17)}  ${what}\n`)
	.join('')}
  --json  print each report as one JSON line; use npm's --silent to get nothing else on stdout
  --list  print the names of the drills in "all"
  --help  print this help
`;

const commandLine = readOptions(
	process.argv.slice(2),
	{ json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
	({ json, list }, [name, ...others]) => {
		if (others.length > 0) throw new OptionError(`name one drill or "all", without "${others[0]}"`);
		if (list && name !== undefined) throw new OptionError(`--list takes no name, not "${name}"`);
		if (list || name === 'all') return { json, list, names: usual };
		if (name === undefined) throw new OptionError('the name of a drill is missing');
		if (!Object.hasOwn(drills, name)) throw new OptionError(`there is no drill "${name}"`);
		return { json, list, names: [name] };
	},
);
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ names, list, json }: { names: readonly string[]; list: boolean; json: boolean }): Promise<void> {
	if (list) process.stdout.write(`${names.join('\n')}\n`);
	else
		for (const name of names) {
			const report = await drills[name]?.run();
			if (report === undefined) continue;
			process.stdout.write(json ? `${JSON.stringify(report)}\n` : printed(report));
			if (!report.ok) process.exitCode = 1;
		}
}
