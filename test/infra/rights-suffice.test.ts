import { describe, expect, test } from 'vitest';
import { sdkImportsOf } from '../../infra/functions/bundle-size.ts';
import { permissionsOf } from './permissions.ts';
import { synthesized } from './synthesized.ts';

/*
 * The end-to-end tests do not use every right, and no emulator enforces all of them. These tests
 * compare: each command in a function's code must have its right.
 */

const template = synthesized({ add: ({ leasehold }) => leasehold.authorizer() });

/** Rights whose names differ from their commands. */
const otherNames: Readonly<Record<string, string>> = {
	's3:HeadObject': 's3:GetObject',
	's3:ListObjectsV2': 's3:ListBucket',
	'lambda:Invoke': 'lambda:InvokeFunction',
};

/** Actions for all commands that `entry` and its modules can send to AWS. */
function actionsIn(entry: string): string[] {
	const file = new URL(`../../functions/${entry}`, import.meta.url).pathname;
	return [...sdkImportsOf(file)].flatMap(([client, names]) => {
		const service = client.replace('@aws-sdk/client-', '').replace('-', '');
		const commands = [...names].filter((name) => name.endsWith('Command'));
		return commands.map((name) => `${service}:${name.replace(/Command$/, '')}`).map((name) => otherNames[name] ?? name);
	});
}

function actionsOf(role: string): Set<string> {
	const allowed = permissionsOf(template, role).flatMap((line) => /^Allow (.*) on /.exec(line)?.[1]?.split(', ') ?? []);
	return new Set(allowed);
}

describe('rights', () => {
	test.each([
		['SessionServer', 'session-server/handler.ts', []],
		['Authorizer', 'session-server/authorizer/handler.ts', []],
		// These are in adapters that the bus shares with repair. The bus calls none of them.
		['Bus', 'bus/handler.ts', ['dynamodb:DeleteItem', 'dynamodb:Scan', 's3:DeleteObject']],
		['Repair', 'repair/handler.ts', []],
		['RotateKeys', 'rotate-keys/handler.ts', []],
	])('the role of %s has a right for each command in the code of %s, except %j', (name, entry, notNeeded) => {
		const actions = actionsIn(entry);
		const missing = actions.filter((action) => !actionsOf(`${name}Role`).has(action));
		expect(actions.length).toBeGreaterThan(0);
		expect([...new Set(missing)].sort()).toEqual(notNeeded);
	});
});
