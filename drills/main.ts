/** `npm run drill -- NAME [--json]`: one scenario on a region of its own, or `all` of them. `--list` prints their names. */
import { parseArgs } from 'node:util';
import { busDown } from './bus-down.ts';
import { clockSkew } from './clock-skew.ts';
import { everythingDown } from './everything-down.ts';
import { freezeOwner } from './freeze-owner.ts';
import { killOwner } from './kill-owner.ts';
import { printed, type Report } from './report.ts';
import { dynamoDbDown, s3Down } from './repository-down.ts';
import { revokeUnderLoad } from './revoke-under-load.ts';
import { rollingRestart } from './rolling-restart.ts';
import { slowDynamoDb } from './slow-dynamodb.ts';

const drills: Readonly<Record<string, () => Promise<Report>>> = {
	'kill-owner': killOwner,
	'freeze-owner': freezeOwner,
	'clock-skew': clockSkew,
	'dynamodb-down': dynamoDbDown,
	's3-down': s3Down,
	'slow-dynamodb': slowDynamoDb,
	'bus-down': busDown,
	'everything-down': everythingDown,
	'revoke-under-load': revokeUnderLoad,
	'rolling-restart': rollingRestart,
};

const usage = `Usage: npm run drill -- NAME [--json] | --list\n\nNAME is all, or one of: ${Object.keys(drills).join(', ')}\n`;

interface Chosen {
	readonly names: readonly string[];
	readonly list: boolean;
	readonly json: boolean;
}

function chosenDrills(): Chosen | undefined {
	try {
		const { values, positionals } = parseArgs({
			allowPositionals: true,
			options: { json: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
		});
		const [name, ...others] = positionals;
		if (values.list) return name === undefined ? { ...values, names: Object.keys(drills) } : undefined;
		if (name === undefined || others.length > 0) return undefined;
		if (name === 'all') return { ...values, names: Object.keys(drills) };
		return Object.hasOwn(drills, name) ? { ...values, names: [name] } : undefined;
	} catch {
		return undefined;
	}
}

const chosen = chosenDrills();
if (chosen === undefined) {
	process.stderr.write(usage);
	process.exitCode = 2;
} else if (chosen.list) {
	process.stdout.write(`${chosen.names.join('\n')}\n`);
} else {
	for (const name of chosen.names) {
		const report = await drills[name]?.();
		if (report === undefined) continue;
		process.stdout.write(chosen.json ? `${JSON.stringify(report)}\n` : printed(report));
		if (!report.ok) process.exitCode = 1;
	}
}
