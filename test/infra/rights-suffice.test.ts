import { describe, expect, it } from 'vitest';
import { sdkImportsOf } from '../../infra/functions/bundle-size.ts';
import { permissionsOf } from './permissions.ts';
import { synthesized } from './synthesized.ts';

/* Emulators do not enforce rights. What can be said without AWS: every command in a function's code has its right. */

const template = synthesized({ add: ({ leasehold }) => leasehold.authorizer() });

/** Rights that are not called as their commands are. */
const otherNames: Readonly<Record<string, string>> = {
	's3:ListObjectsV2': 's3:ListBucket',
	'lambda:Invoke': 'lambda:InvokeFunction',
};

/** Whatever the module at `entry` reaches may ask AWS for. */
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

describe('the rights of a function are enough for its code', () => {
	it.each([
		['SessionServer', 'session-server/handler.ts', []],
		['Authorizer', 'session-server/authorizer/handler.ts', []],
		// In the adapters, which it shares with repair; the bus calls none of these.
		['Bus', 'bus/handler.ts', ['dynamodb:DeleteItem', 'dynamodb:Query', 's3:DeleteObject']],
		['Repair', 'repair/handler.ts', []],
		['RotateKeys', 'rotate-keys/handler.ts', []],
	])('%s', (name, entry, notNeeded) => {
		const actions = actionsIn(entry);
		const missing = actions.filter((action) => !actionsOf(`${name}Role`).has(action));
		expect(actions.length).toBeGreaterThan(0);
		expect([...new Set(missing)].sort()).toEqual(notNeeded);
	});
});
